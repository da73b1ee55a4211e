/** Types of what the console's API takes and gives, for who shows it: `import type` only. */
import type { z } from 'zod';
import type * as common from './common.ts';
import type * as decisions from './decisions.ts';
import type * as fleet from './fleet.ts';
import type * as images from './images.ts';
import type * as operations from './operations.ts';

export type Counts = z.output<typeof common.Counts>;
export type Total = z.output<typeof common.Total>;
export type ImageRef = z.output<typeof common.ImageRef>;
export type ImageName = z.output<typeof common.ImageName>;

export type ConsoleImage = z.output<typeof images.ConsoleImage>;
export type ConsoleImages = z.output<typeof images.ConsoleImages>;
export type ConsoleImageCounts = z.output<typeof images.ConsoleImageCounts>;
export type ConsoleImageDetail = z.output<typeof images.ConsoleImageDetail>;
export type ConsolePackage = z.output<typeof images.ConsolePackage>;
export type ConsolePackages = z.output<typeof images.ConsolePackages>;
export type ConsoleFinding = z.output<typeof images.ConsoleFinding>;
export type ConsoleFindings = z.output<typeof images.ConsoleFindings>;
export type ConsoleCoverage = z.output<typeof images.ConsoleCoverage>;
export type ConsoleWhy = z.output<typeof images.ConsoleWhy>;
export type ComparedPackages = z.output<typeof images.ComparedPackages>;
export type Compared = z.output<typeof images.Compared>;

export type ConsoleCve = z.output<typeof fleet.ConsoleCve>;
export type ConsoleLabels = z.output<typeof fleet.ConsoleLabels>;
export type ConsoleCves = z.output<typeof fleet.ConsoleCves>;
export type ConsoleCveDetail = z.output<typeof fleet.ConsoleCveDetail>;
export type UnknownVulnerability = z.output<typeof fleet.UnknownVulnerability>;
export type CveImages = z.output<typeof fleet.CveImages>;
export type FleetPackage = z.output<typeof fleet.FleetPackage>;
export type FleetPackages = z.output<typeof fleet.FleetPackages>;
export type FleetPackageDetail = z.output<typeof fleet.FleetPackageDetail>;
export type PackageImages = z.output<typeof fleet.PackageImages>;
export type SearchHits = z.output<typeof fleet.SearchHits>;
export type Trend = z.output<typeof fleet.Trend>;
export type Overview = z.output<typeof fleet.Overview>;

export type NewDecision = z.input<typeof decisions.NewDecision>;
export type DecisionChange = z.input<typeof decisions.DecisionChange>;
export type Decision = z.output<typeof decisions.Decision>;
export type Applied = z.output<typeof decisions.Applied>;
export type Decisions = z.output<typeof decisions.Decisions>;
export type DecisionPreview = z.output<typeof decisions.DecisionPreview>;
export type DecisionHistory = z.output<typeof decisions.DecisionHistory>;
export type VexImport = z.output<typeof decisions.VexImport>;
export type ConsoleSession = z.output<typeof decisions.Session>;

export type ConsoleFeed = z.output<typeof operations.ConsoleFeed>;
export type ConsoleFeeds = z.output<typeof operations.ConsoleFeeds>;
export type ConsoleFeedDetail = z.output<typeof operations.ConsoleFeedDetail>;
export type ConsoleDeliveries = z.output<typeof operations.ConsoleDeliveries>;
export type ManifestNames = z.input<typeof operations.ManifestNames>;
