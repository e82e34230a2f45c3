// Starts Wagtail's widgets from data attributes, where Wagtail itself writes scripts into the page, which our content policy forbids.
// <span data-starts="initDateChooser" data-on="id of the input" data-options="{…}">; parts of a page that come later are started as they come.
(() => {
  const known = /^(init(Date|Time|DateTime)Chooser|InlinePanel|MultipleChooserPanel|\w*Chooser)$/;
  const start = (mark) => {
    const name = mark.dataset.starts, made = window[name];
    if (!known.test(name) || typeof made !== "function") return;
    mark.removeAttribute("data-starts");
    const given = [...("on" in mark.dataset ? [mark.dataset.on] : []), JSON.parse(mark.dataset.options)];
    if (name.startsWith("init")) made(...given); else new made(...given);
  };
  const all = (part) => { if (part.matches?.("[data-starts]")) start(part); part.querySelectorAll?.("[data-starts]").forEach(start); };
  const named = () => document.querySelectorAll("#fileupload:not([aria-label]), .tagit input:not([aria-label])").forEach((field) => {  // fields that Wagtail's scripts leave without a name
    field.setAttribute("aria-label", (field.closest(".w-field__wrapper")?.querySelector("label") ?? document.querySelector("h1")).innerText.trim());
  });
  const begin = () => {
    all(document); named();
    new MutationObserver((changes) => { changes.forEach((change) => change.addedNodes.forEach(all)); named(); }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "complete") begin(); else window.addEventListener("load", begin);
})();
