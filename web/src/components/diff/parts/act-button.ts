/** The viewer's button beside lines, as it makes it, with a name: for whoever hears the page, it had none. */
export function createGutterUtilityElement() {
  const icon = {
    type: "element",
    tagName: "svg",
    properties: { width: 16, height: 16, viewBox: "0 0 16 16", "data-icon": "" },
    children: [{ type: "element", tagName: "use", properties: { href: "#diffs-icon-plus" }, children: [] }],
  };
  return {
    type: "element",
    tagName: "button",
    properties: { "data-utility-button": "", type: "button", "aria-label": "Comment on these lines, or cite them" },
    children: [icon],
  };
}
