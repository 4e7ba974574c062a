/*
 * The parts of the page that are not the same for everybody and need no
 * server: who I am, what I look at, and how this page came about.  The
 * visitors come from visitors.js, which script/demo writes.
 */

(() => {
    const cookie = document.cookie.match(/(?:^|; )visitor=([\w-]*)/);
    const me = cookie ? cookie[1] : '';
    const pills = document.getElementById('pills');

    for (const v of [{ id: '', name: 'Somebody new', taste: '' }, ...visitors]) {
        const link = document.createElement('a');
        const taste = document.createElement('small');

        link.href = '/visit/' + v.id;
        link.textContent = v.name;
        taste.textContent = v.taste;
        link.append(' ', taste);

        if (v.id === me) {
            link.className = 'me';
            link.setAttribute('aria-current', 'true');
        }

        pills.append(link);
    }

    /* "Adventure|Comedy" reads better with dots. */

    for (const text of document.querySelectorAll('.kind, .row small')) {
        text.textContent = text.textContent.split('|').join(' \u00b7 ');
    }

    /* "More like ...": the title travels with the click. */

    for (const card of document.querySelectorAll('.open, .row')) {
        card.addEventListener('click', () => {
            sessionStorage.setItem(card.pathname,
                card.querySelector('.title').firstChild.textContent.trim());
        });
    }

    /*
     * A like is an event.  Without a script the link itself reports it: the
     * server answers 204, and the page stays.
     */

    for (const link of document.querySelectorAll('.like')) {
        link.addEventListener('click', (click) => {
            const event = Object.fromEntries(
                new URL(link.href).searchParams);

            click.preventDefault();
            link.classList.add('done');
            navigator.sendBeacon('/event', JSON.stringify(
                { ...event, id: crypto.randomUUID() }));
        });
    }

    document.getElementById('shown').textContent =
        sessionStorage.getItem(location.pathname)
        || (location.pathname === '/' ? start.title : 'this one');

    /* What the server says about this very response. */

    const [page] = performance.getEntriesByType('navigation');
    const timing = {};

    for (const t of page && page.serverTiming || []) {
        timing[t.name] = t.description;
    }

    for (const name of ['cache', 'source', 'model']) {
        document.getElementById(name).textContent = timing[name] || '-';
    }
})();
