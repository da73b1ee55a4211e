/** Why something that Syft or Trivy has in a tree is not found here. */

export interface Reason {
  /** Of the tree. */
  readonly tree: RegExp;
  /** Of `TYPE:NAME@VERSION`. */
  readonly of: RegExp;
  readonly reason: string;
}

/** The first that fits counts. */
export const REASONS: readonly Reason[] = [
  {
    tree: /^debian$/,
    of: /^(?!deb:)/,
    reason: "a package of Debian owns the file: Debian's advisories speak for it, which know its patches",
  },
  {
    tree: /^programs$/,
    of: /^(?:npm:(?!ruby-typeprof)|gem:)/,
    reason: 'a lock file within an installed gem names it: it was for its development, and is not installed',
  },
  {
    tree: /^programs$/,
    of: /^npm:ruby-typeprof@/,
    reason: 'sources of an editor extension within an installed gem, which nothing has installed',
  },
  {
    tree: /^programs$/,
    of: /^maven:jrt-fs@/,
    reason: 'a part of the JDK: found as `java`, and as an archive with the group that its classes have',
  },
  {
    tree: /^programs$/,
    of: /openjdk|^program:(?:java|jdk|jre)/,
    reason: 'found as `java`, by its `release` file',
  },
  {
    tree: /^pypi$/,
    of: /@unknown$/,
    reason: 'launchers without a version in a wheel: the ledger has them as files of that wheel',
  },
  {
    tree: /^npm$/,
    of: /^github:/,
    reason: 'workflows that a package of npm was tested with: they do not run here',
  },
  {
    tree: /^npm$/,
    of: /^npm:(?:benchmark|bin|dist)@1\.0\.0$/,
    reason: 'a `package.json` further down in a package, which is no package',
  },
  { tree: /^(?:cargo|nuget|go)$/, of: /:(?:app|example-com\/app)@/, reason: 'the project itself' },
  {
    tree: /^go$/,
    of: /check-v1@/,
    reason: '`go.sum` alone has it: no build needs it, and `go.mod` does not name it',
  },
  {
    tree: /^maven$/,
    of: /^maven:(?:annotations-api|bootstrap|catalina(?:-(?:ant|ha|ssi|storeconfig|tribes))?|(?:el|jaspic|jsp|servlet|websocket)-api|jasper(?:-el)?)@(?:9\.0\.50|\d\.\d\.fr)$/,
    reason:
      "Tomcat's own archives, under their names in Maven Central (`tomcat-catalina`), not those of their files",
  },
];
