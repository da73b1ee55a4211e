/** Blocks that pages are made of: cards, notices, and what is shown where there is nothing to show. */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface CardProps {
  readonly title: ComponentChildren;
  /** Beside the title. */
  readonly more?: ComponentChildren;
  readonly class?: string;
  readonly id?: string;
  readonly children: ComponentChildren;
}

export function Card({ title, more, class: extra = '', id, children }: CardProps) {
  return (
    <section class={`card ${extra}`} {...(id !== undefined && { id })}>
      <header>
        <h2>{title}</h2>
        {more !== undefined && <span class="small muted">{more}</span>}
      </header>
      {children}
    </section>
  );
}

export function Notice({
  kind = 'warn',
  children,
}: {
  kind?: 'warn' | 'failed';
  children: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'failed' ? 'alert' : 'note'}>
      <Icon name={kind === 'failed' ? 'bad' : 'warn'} />
      <div>{children}</div>
    </div>
  );
}

/** In place of rows: what this means, and what to do. */
export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}

/** A list of facts: a name, and what is so. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <ul class="facts-list">{children}</ul>;
}
