/** The advisories about Red Hat's containers: they come with those about its rpms, in one feed. */
import type { FeedSet } from '../../../contract/feed.ts';

/** The updater set `rhel-vex`, which the ecosystem of rpm reads for both. */
export const rhccFeeds: FeedSet = { set: 'rhel-vex', feeds: async () => [] };
