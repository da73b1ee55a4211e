/** Line drawings of 16 × 16; each stands beside a word, or its button has a label. */

const PATHS = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.4 3.4',
  warn: 'M8 2.2 14.4 13.4H1.6ZM8 6.4v3.3M8 11.6v.1',
  bad: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  good: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM5.3 8.2l1.9 1.9 3.6-3.9',
  off: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM5.2 8h5.6',
  never: 'M8 1.8a6.2 6.2 0 1 1-5.6 3.5M8 5v3.2l2 1.2',
  flame:
    'M8.2 1.8c.4 2.4 3.6 3.9 3.6 7.2a3.8 3.8 0 0 1-7.6 0c0-1.5.7-2.4 1.5-3.2.2 1.1.8 1.5 1.2 1.6-.2-2 .2-4 1.3-5.6Z',
  open: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  link: 'M6.7 9.3a2.7 2.7 0 0 0 3.9 0l2.5-2.5a2.7 2.7 0 0 0-3.9-3.9l-.8.8M9.3 6.7a2.7 2.7 0 0 0-3.9 0L2.9 9.2a2.7 2.7 0 0 0 3.9 3.9l.8-.8',
  save: 'M8 2.2v7.6M4.9 7 8 10.1 11.1 7M2.8 13.4h10.4',
  copy: 'M6 6h7.4v7.4H6ZM10 6V2.6H2.6V10H6',
  flag: 'M3.6 14V2.4h8.8L10.2 5.6l2.2 3.2H3.6',
  swap: 'M4.6 2.6v10.2M2 10.4l2.6 2.6 2.6-2.6M11.4 13.4V3.2M8.8 5.6 11.4 3 14 5.6',
  again: 'M13.2 8a5.2 5.2 0 1 1-1.5-3.7L13.4 6M13.4 2.6V6H10',
  box: 'M8 1.8 13.6 5v6L8 14.2 2.4 11V5ZM2.4 5 8 8.2 13.6 5M8 8.2v6',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
