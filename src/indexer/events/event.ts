/** What an event of a registry says, whoever wrote it. */

export interface RegistryEvent {
  readonly action: 'push' | 'delete' | 'rename';
  readonly repository: string;
  /** Of the image or index; undefined: the event has none. */
  readonly digest?: string | undefined;
  /** undefined: the event has none. A deletion without tag and digest is one of the whole repository. */
  readonly tag?: string | undefined;
  /** What the repository, and those below it, are called from now on. */
  readonly to?: string | undefined;
}

/** Reads one format. */
export interface EventFormat {
  /** As messages call it. */
  readonly name: string;
  /** Returns the events in `body` that are about images; undefined: it is another format. */
  read(body: Readonly<Record<string, unknown>>, settings: EventSettings): RegistryEvent[] | undefined;
}

/** What a format needs to know of the registry. */
export interface EventSettings {
  /** Artifactory: whether names of images contain the repository key. */
  readonly artifactoryAccess: 'path' | 'host';
}

/** Events in one request. */
export const MAX_EVENTS = 1000;
