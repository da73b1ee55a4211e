/** Single keys. They do nothing in fields, and can be switched off (WCAG 2.1.4). */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useNav } from '../lib/nav.ts';
import { Icon } from '../parts/icon.tsx';

const VIEWS: Readonly<Record<string, string>> = {
  o: '',
  i: 'images',
  c: 'cves',
  p: 'packages',
  d: 'decisions',
  f: 'feeds',
  n: 'notifications',
};

const HELP = [
  ['/', 'Search'],
  ['g, then o i c p d f n', 'Overview, images, CVEs, packages, triage, feeds, notifications'],
  ['j, k', 'Next and previous row'],
  ['Enter, o', 'Open the row'],
  ['x', 'Select the row'],
  ['t', 'Decide about the row'],
  ['y', 'Copy the link'],
  ['e', 'Export'],
  ['?', 'Show these keys'],
] as const;

const OFF = 'clair-keys-off';
const PAUSE = 1500;

export function Keys() {
  const nav = useNav();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOff, setOff] = useState(() => localStorage.getItem(OFF) !== null);
  const started = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (isField(event.target) || document.querySelector('dialog[open]') !== null) return;
      if (isOff && event.key !== '?') return;
      if (Date.now() - started.current < PAUSE) {
        started.current = 0;
        const view = VIEWS[event.key];
        if (view !== undefined) nav.go(nav.href(view === '' ? [] : [view]));
        return;
      }
      if (event.key === 'g') started.current = Date.now();
      else if (event.key === '?') dialog.current?.showModal();
      else if (!act(event.key)) return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [nav, isOff]);
  return (
    <dialog ref={dialog} aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">Keys</h2>
        <button type="button" class="button plain" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <ul class="facts-list">
        {HELP.map(([key, what]) => (
          <li key={key}>
            <kbd>{key}</kbd>
            <span>{what}</span>
          </li>
        ))}
      </ul>
      <footer>
        <label>
          <input
            type="checkbox"
            checked={isOff}
            onChange={({ currentTarget }) => {
              setOff(currentTarget.checked);
              if (currentTarget.checked) localStorage.setItem(OFF, '1');
              else localStorage.removeItem(OFF);
            }}
          />{' '}
          Switch single keys off, except ?
        </label>
      </footer>
    </dialog>
  );
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null;
}

/** Whether the key did something. */
function act(key: string): boolean {
  const active = document.activeElement as HTMLElement | null;
  const row = active?.closest('tr, li');
  const find = (selector: string) => document.querySelector<HTMLElement>(selector);
  switch (key) {
    case '/':
      find('#search')?.focus();
      return true;
    case 'j':
      return step(active, 1);
    case 'k':
      return step(active, -1);
    case 'o':
      return active?.matches('[data-row]') === true && press(active);
    case 'x':
      return press(row?.querySelector<HTMLElement>('input[type=checkbox]'));
    case 't':
      return press(row?.querySelector<HTMLElement>('[data-act=decide]') ?? find('[data-key=t]'));
    case 'y':
    case 'e':
      return press(find(`[data-key=${key}]`));
    default:
      return false;
  }
}

function press(element: HTMLElement | null | undefined): boolean {
  element?.click();
  return element != null;
}

/** Focuses the next row, or the one before: the first if there is none. */
function step(active: HTMLElement | null, by: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const here = active === null ? -1 : rows.indexOf(active);
  const inside = active?.closest('tr')?.querySelector<HTMLElement>('[data-row]');
  const from = here >= 0 ? here : inside ? rows.indexOf(inside) : by > 0 ? -1 : rows.length;
  const next = rows[Math.max(0, Math.min(rows.length - 1, from + by))];
  next?.focus();
  return next !== undefined;
}
