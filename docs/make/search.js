// SPDX-License-Identifier: BSL-1.0
// Searches the names of the reference in the page: no server, and without this script everything else works.
(() => {
    const root = document.currentScript.dataset.root, box = document.querySelector(".search");
    const input = box.querySelector("input"), list = box.querySelector("ol");
    box.hidden = false;
    const rank = (name, text) => {
        const last = name.slice(name.lastIndexOf("::") + 1).replace(/^:/, "");
        return last === text ? 0 : last.startsWith(text) ? 1 : name.startsWith(text) ? 2 : name.includes(text) ? 3 : 9;
    };
    const show = () => {
        const text = input.value.trim().toLowerCase();
        const found = !text ? [] : names.map(n => [rank(n[0].toLowerCase(), text) + n[4] / 2, n]).filter(([r]) => r < 9)
            .sort((a, b) => a[0] - b[0] || a[1][0].length - b[1][0].length).slice(0, 12);
        list.replaceChildren(...found.map(([, n]) => {
            const item = document.createElement("li"), link = document.createElement("a"), name = document.createElement("code");
            const kind = document.createElement("span"), text = document.createElement("small");
            link.href = root + n[2];
            name.textContent = n[0];
            kind.textContent = n[1];
            text.textContent = n[3].replaceAll("`", "");
            link.append(name, kind, text);
            link.addEventListener("click", () => { input.value = ""; show(); });
            item.append(link);
            return item;
        }));
    };
    input.addEventListener("input", show);
    document.addEventListener("keydown", event => {
        const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
        if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) input.focus();
        else if (event.key === "Escape") { input.value = ""; show(); input.blur(); }
        else if (event.key === "Enter" && document.activeElement === input && links[0]) links[0].click();
        else if (event.key === "ArrowDown" && links.length && box.contains(document.activeElement)) links[Math.min(at + 1, links.length - 1)].focus();
        else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? input).focus();
        else return;
        event.preventDefault();
    });
})();
