/** The versions of Red Hat's containers, which its one feed of advisories shares with those of its rpms. */
export { type RhcTag, rhctag } from '../../formats/rhctag.ts';
