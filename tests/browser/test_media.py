"""Images and documents as operators use them, in Wagtail's pages under our content policy."""

import io

import pytest
from PIL import Image


@pytest.fixture
def watched(owner):
    """The administrator's page; whatever the browser complains about fails the test."""
    complaints = []
    owner.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    owner.on("pageerror", lambda fault: complaints.append(str(fault)))
    owner.add_init_script("addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.sourceFile, e.sample))")
    yield owner
    assert not complaints


@pytest.fixture
def poster(tmp_path):
    file = tmp_path / "poster.jpg"
    Image.new("RGB", (900, 600), "#2463dc").save(file)
    return file


def test_a_picture_from_the_disk_to_the_bin(watched, site, poster):
    page = watched
    page.goto(f"{site.url}/w/demo/images/")
    page.locator("a[href*='multiple/add']").first.click()
    page.set_input_files("#fileupload", str(poster))
    page.locator("#upload-list input[name$='-title']").fill("会员日主图")
    page.locator("#upload-list button[type=submit], #upload-list input[type=submit]").first.click()
    page.locator("#upload-list > li").wait_for(state="detached")
    page.goto(f"{site.url}/w/demo/images/")
    shown = page.locator("ul.images img").first
    assert shown.evaluate("(picture) => picture.complete && picture.naturalWidth") > 0
    page.locator("a.image-choice").first.click()
    assert page.locator("h1").inner_text() == "会员日主图"
    page.locator("ul.tagit input").fill("会员日,")
    page.locator("input[name=description]").fill("红底白字的海报")
    page.locator("footer button[type=submit]").click()
    page.wait_for_url("**/images/")

    page.locator("#id_q").fill("会员日")
    page.locator("#id_q").blur()  # leaving the field asks once more
    page.wait_for_url("**q=**")
    page.wait_for_load_state("networkidle")
    assert page.locator("ul.images li").count() == 1
    page.locator("ul.images li").hover()
    page.locator("[data-bulk-action-checkbox]").check()
    assert page.locator(".bulk-actions-choices a").all_inner_texts() == [
        text for text in page.locator(".bulk-actions-choices a").all_inner_texts() if text
    ]
    assert page.locator(".bulk-actions-choices a[href*=collection]").count() == 0
    page.locator(".bulk-actions-choices a[href*=delete]").click()
    with page.expect_navigation():
        page.locator("button.serious, input.serious").click()
    page.goto(f"{site.url}/w/demo/images/")
    assert page.locator("h1").inner_text()
    assert page.get_by_text("会员日主图").count() == 0


def test_a_file_that_is_not_what_it_says(watched, site, tmp_path):
    lie = tmp_path / "plan.pdf"
    lie.write_bytes(io.BytesIO(b"MZ\x90\x00 a program").getvalue())
    watched.goto(f"{site.url}/w/demo/documents/multiple/add/")
    watched.set_input_files("#fileupload", str(lie))
    watched.locator("#upload-list .upload-failure").wait_for()
    watched.goto(f"{site.url}/w/demo/documents/")
    assert watched.locator("h1").inner_text()
    assert watched.get_by_text("plan.pdf").count() == 0


def test_widgets_start_without_scripts_in_the_page(watched, site):
    """The marks that our templates write in place of Wagtail's scripts; see templates/wagtailadmin/widgets."""
    watched.goto(f"{site.url}/w/demo/images/")
    watched.add_script_tag(url=f"{site.url}/static/wagtailadmin/js/date-time-chooser.js")
    mark = """<input id="when"><span data-starts="initDateChooser" data-on="when" data-options='{"format": "Y-m-d"}' hidden></span>"""
    watched.evaluate("(mark) => document.querySelector('#main .content').insertAdjacentHTML('beforeend', mark)", mark)
    watched.locator("#when").click()
    watched.locator(".xdsoft_datetimepicker .xdsoft_today").first.wait_for(state="visible")
