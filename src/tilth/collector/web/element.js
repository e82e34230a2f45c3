// How an element is named so that it is found again: by the site's own data-tilth, by ids, else by its place among its siblings.

export function pathTo(element) {
  const steps = [];
  for (let at = element; at && at.nodeType === 1; at = at.parentElement) {
    if (at.dataset?.tilth) return [`[data-tilth="${CSS.escape(at.dataset.tilth)}"]`, ...steps].join(" > ");
    // Ids with numbers in them are often made anew for each visit.
    const id = at.getAttribute("id"); // a form's `id` may be its field of that name
    if (id && !/\d{2}/.test(id) && document.getElementById(id) === at) return [`#${CSS.escape(id)}`, ...steps].join(" > ");
    steps.unshift(step(at));
  }
  return steps.join(" > ");
}

function step(element) {
  const alike = (way) => {
    let number = 0;
    for (let at = element[way]; at; at = at[way]) number += at.localName === element.localName;
    return number;
  };
  const earlier = alike("previousElementSibling");
  return CSS.escape(element.localName) + (earlier || alike("nextElementSibling") ? `:nth-of-type(${earlier + 1})` : "");
}

export function pageSize() {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return { page_width: scrollWidth, page_height: scrollHeight, viewport_width: innerWidth, viewport_height: innerHeight };
}

export function rounded(number) {
  return Math.round(number * 1e4) / 1e4;
}
