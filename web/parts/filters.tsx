/** Filters: each is a parameter of the address, and takes effect at once. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleLabels, Total } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { number, shortTotal, totalText } from '../lib/words.ts';
import { Icon } from './icon.tsx';

const PAUSE = 250;

/** Text that filters; `label` says what is searched. */
export function SearchField({ name = 'q', label }: { name?: string; label: string }) {
  const nav = useNav();
  const given = nav.query.get(name) ?? '';
  const [text, setText] = useState(given);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const sent = useRef(given);
  // Back and "clear the filter" change the field; what is being typed is not overwritten by its own echo.
  useEffect(() => {
    if (given !== sent.current) {
      sent.current = given;
      setText(given);
    }
  }, [given]);
  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = value.trim();
      nav.go(nav.with({ [name]: value.trim() || null }), { replace: true });
    }, PAUSE);
  };
  return (
    <span class="grow">
      <Icon name="search" />
      <input
        type="search"
        name={name}
        value={text}
        placeholder={label}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </span>
  );
}

export type Option = readonly [value: string, title: string];

export interface SelectProps {
  readonly name: string;
  readonly label: string;
  readonly options: readonly Option[];
  readonly standard?: string;
}

/** One of several values; `standard` is left out of the address. */
export function Select({ name, label, options, standard = '' }: SelectProps) {
  const nav = useNav();
  const value = nav.query.get(name) ?? standard;
  return (
    <label>
      {label}
      <select
        name={name}
        value={value}
        onChange={({ currentTarget }) =>
          nav.go(nav.with({ [name]: currentTarget.value === standard ? null : currentTarget.value }), {
            replace: true,
          })
        }
      >
        {options.map(([each, title]) => (
          <option key={each} value={each} selected={each === value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** One of a few, all of them in sight. */
export function Choice({ name, label, options, standard = '' }: SelectProps) {
  const nav = useNav();
  const value = nav.query.get(name) ?? standard;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset for two links would be said at length
    <span class="choice" role="group" aria-label={label}>
      {options.map(([each, title]) => (
        <a
          key={each}
          href={nav.with({ [name]: each === standard ? null : each })}
          data-replace
          {...(each === value && { 'aria-current': 'true' as const })}
        >
          {title}
        </a>
      ))}
    </span>
  );
}

/** `env:prod` as it is read. */
export function labelText(label: string): string {
  return label.replace(/[:=]/, ': ');
}

/** One label of the images; where none has one there is nothing to choose. */
export function LabelFilter() {
  const nav = useNav();
  const { data } = useLoad<ConsoleLabels>(apiPath('labels', nav.query, ['tags']));
  const chosen = nav.query.get('label');
  const known = (data?.labels ?? []).map(
    ({ key, value, images }): Option => [`${key}:${value}`, `${key}: ${value} (${number(images)})`],
  );
  if (known.length === 0 && chosen === null) return null;
  const isListed = chosen === null || known.some(([value]) => value === chosen);
  return (
    <Select
      name="label"
      label="Label"
      options={[['', 'any'], ...(isListed ? [] : [[chosen, labelText(chosen)] as const]), ...known]}
    />
  );
}

/** The newest image of each repository, or all. */
export function TagsChoice({ newest = 'Newest tag', all = 'All tags' }: { newest?: string; all?: string }) {
  return (
    <Choice
      name="tags"
      label="Which images are counted"
      standard="newest"
      options={[
        ['newest', newest],
        ['all', all],
      ]}
    />
  );
}

/** How probable an exploit is at least. */
export function EpssFilter() {
  const least = [0.01, 0.1, 0.3, 0.7].map((share): Option => [`${share}`, `${share * 100} % or more`]);
  return <Select name="epss" label="EPSS" options={[['', 'any'], ...least]} />;
}

const DECIDED = ['hide', 'show', 'only'] as const;

/** What decisions close. */
export function DecidedFilter({ standard }: { standard: (typeof DECIDED)[number] }) {
  return (
    <Select
      name="decided"
      label="Decided"
      standard={standard}
      options={DECIDED.map((each) => [each, each] as const)}
    />
  );
}

/** Whether there is a fix. */
export function FixFilter() {
  return (
    <Select
      name="fix"
      label="Fix"
      options={[
        ['', 'any'],
        ['yes', 'available'],
        ['no', 'none'],
      ]}
    />
  );
}

/** One type of packages. */
export function TypeFilter({ types }: { types: readonly string[] }) {
  return (
    <Select name="type" label="Type" options={[['', 'all'], ...types.map((type) => [type, type] as const)]} />
  );
}

/** How findings are put together. */
export function GroupChoice() {
  return (
    <Choice
      name="group"
      label="Group findings"
      standard="package"
      options={[
        ['package', 'By package'],
        ['cve', 'By CVE'],
      ]}
    />
  );
}

/** On or off. */
export function Pill({
  name,
  value = '1',
  count,
  children,
}: {
  name: string;
  value?: string;
  count?: Total | undefined;
  children: ComponentChildren;
}) {
  const nav = useNav();
  const isOn = nav.query.get(name) === value;
  return (
    <button
      type="button"
      class="pill"
      aria-pressed={isOn}
      onClick={() => nav.go(nav.with({ [name]: isOn ? null : value }), { replace: true })}
    >
      {children}
      {count !== undefined && <b>{shortTotal(count)}</b>}
    </button>
  );
}

export function Tabs({
  name,
  label,
  tabs,
}: {
  name: string;
  label: string;
  tabs: readonly (readonly [value: string, title: string, count?: Total])[];
}) {
  const nav = useNav();
  const standard = tabs[0]?.[0] ?? '';
  const value = nav.query.get(name) ?? standard;
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([each, title, count]) => (
        <a
          key={each}
          href={nav.with({ [name]: each === standard ? null : each })}
          data-replace
          {...(each === value && { 'aria-current': 'page' as const })}
        >
          {title}
          {count !== undefined && <span class="count">{totalText(count)}</span>}
        </a>
      ))}
    </nav>
  );
}
