"use strict";
// What the page can do beyond what it does without scripts: filter and sort the table,
// open what a link leads to, copy a command.
(() => {
	const all = (selector, within = document) => [...within.querySelectorAll(selector)];
	const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

	// Without this a link to a connection leads to a closed box.
	const reveal = () => {
		const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (target instanceof HTMLDetailsElement) {
			target.hidden = false;
			target.open = true;
			target.scrollIntoView();
		}
	};
	addEventListener("hashchange", reveal);
	addEventListener("beforeprint", () => all("details.finding").forEach((d) => { d.open = true; }));

	const table = document.querySelector("table.connections");
	if (table) {
		const body = table.tBodies[0];
		const rows = [...body.rows].map((tr) => ({
			tr, text: `${tr.textContent} is:${tr.className}`.toLowerCase(), ladder: document.getElementById("c" + tr.cells[1].dataset.v),
		}));
		const tools = document.querySelector(".tools");
		const label = make("label", { textContent: "Filter ", htmlFor: "filter" });
		const input = make("input", { type: "search", id: "filter", placeholder: "words; -word leaves out", autocomplete: "off", spellcheck: false });
		const told = make("span", { className: "dim" });
		told.setAttribute("role", "status");
		const ladders = document.getElementById("ladders");
		tools.append(label, input, told);
		tools.hidden = false;

		// A row stays when it has every word, and none of those after a minus sign.
		const filter = () => {
			const words = input.value.toLowerCase().split(/\s+/).filter((word) => word && word !== "-");
			let shown = 0;
			for (const { tr, text, ladder } of rows) {
				const stays = words.every((word) => word[0] === "-" ? !text.includes(word.slice(1)) : text.includes(word));
				tr.hidden = !stays;
				if (ladder) {
					ladder.hidden = !stays;
				}
				shown += stays;
			}
			told.textContent = `${shown} of ${rows.length} shown`;
		};
		input.addEventListener("input", filter);
		filter();
		for (const a of all("a[data-filter]")) {
			a.addEventListener("click", () => {
				input.value = a.dataset.filter;
				filter();
			});
		}

		const value = (tr, column) => {
			const cell = tr.cells[column];
			return cell.dataset.v ?? cell.textContent;
		};
		const names = new Intl.Collator("en", { numeric: true });
		const compare = (a, b) => a - b || names.compare(a, b);
		[...table.tHead.rows[0].cells].forEach((th, column) => {
			const button = make("button", { type: "button" });
			button.append(...th.childNodes);
			th.append(button);
			button.addEventListener("click", () => {
				const descending = th.ariaSort === "ascending";
				all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
				th.ariaSort = descending ? "descending" : "ascending";
				const order = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)));
				body.append(...(descending ? order.reverse() : order));
			});
		});

		const open = make("button", { type: "button", textContent: "Open all" });
		open.addEventListener("click", () => {
			const opens = open.textContent === "Open all";
			all("details.connection").forEach((d) => { d.open = opens; });
			open.textContent = opens ? "Close all" : "Open all";
		});
		ladders.after(make("div", { className: "tools" }));
		ladders.nextSibling.append(open);
	}

	for (const command of all(".command")) {
		const button = make("button", { type: "button", textContent: "Copy" });
		const code = command.firstElementChild;
		button.addEventListener("click", async () => {
			try {
				await navigator.clipboard.writeText(code.textContent);
				button.textContent = "Copied";
			} catch {
				getSelection().selectAllChildren(code); // to be copied by hand
			}
		});
		command.append(button);
	}

	reveal();
})();
