// Tables: sorted by a click on a heading, searched by what is typed, with bars behind numbers.

function enhance(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  const value = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();

  headings.forEach((heading, column) => {
    const button = make("button", { type: "button", onclick: () => sort(heading, column) });
    button.append(...heading.childNodes);
    heading.append(button);
    const label = button.textContent;
    for (const row of rows) row.cells[column].dataset.label = label;
    const bars = rows.map((row) => row.cells[column]).filter((cell) => cell.classList.contains("bar"));
    const largest = Math.max(...bars.map((cell) => Number(cell.dataset.sort)));
    for (const cell of bars) {
      if (largest > 0) cell.style.setProperty("--part", Math.max(0, Number(cell.dataset.sort)) / largest);
    }
  });

  // Numbers come largest first, words in the order of the alphabet; a second click turns it around.
  function sort(heading, column) {
    const numbers = rows.every((row) => row.cells[column].dataset.sort !== undefined);
    const was = heading.getAttribute("aria-sort");
    const order = (was ? was === "descending" : !numbers) ? "ascending" : "descending";
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const compare = numbers
      ? (a, b) => value(a, column) - value(b, column)
      : (a, b) => value(a, column).localeCompare(value(b, column), "en", { numeric: true });
    body.append(...rows.sort((a, b) => sign * compare(a, b)));
  }

  const input = table.closest("section").querySelectorAll("input[type=search]");
  const own = [...input].find((each) => each.closest(".tools").nextElementSibling?.contains(table));
  if (!own) return;
  const nothing = make("tr", {}, make("td", { class: "none", colspan: headings.length }, "Nothing has these words."));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  own.addEventListener("input", () => {
    const words = own.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      left += row.hidden ? 0 : 1;
    }
    if (left) nothing.remove();
    else body.append(nothing);
  });
}

document.querySelectorAll("table[data-sortable]").forEach(enhance);
