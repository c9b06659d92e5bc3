// Within a frame, as in Snakemake's own report, no page lies beside this one: what would lead there is text.
if (self !== top) {
  for (const link of document.querySelectorAll('a:not([href^="#"])')) link.replaceWith(...link.childNodes);
}
