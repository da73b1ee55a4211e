<?php
/**
 * Writes src/ecosystems/php/fixtures/versions.txt: what Composer itself says of version texts.
 *
 * Run with PHP and the library composer/semver in its include path:  php scripts/gen-vectors-composer.php
 * First all texts: `text<TAB>normal form`, or `!` if it is no version or a branch without order; then `a<TAB><|=|><TAB>b`.
 */

require_once 'Composer/Semver/autoload.php';

use Composer\Semver\VersionParser;

mt_srand(4);
$parser = new VersionParser();

function pick(array $from) { return $from[mt_rand(0, count($from) - 1)]; }

function normal(VersionParser $parser, string $text): ?string {
    try {
        $version = $parser->normalize($text);
    } catch (UnexpectedValueException $e) {
        return null;
    }
    return strpos($version, 'dev-') === 0 ? null : $version;
}

function text(): string {
    $numbers = ['0', '1', '2', '10', '01', '99999', '2024', '123456789012'];
    $parts = [(string) pick(['0', '1', '2', '10', '2024', '99999', '100000', '007'])];
    for ($i = mt_rand(0, 4); $i > 0; $i--) $parts[] = pick($numbers);
    $text = pick(['', '', '', 'v', 'V']) . implode('.', $parts);
    if (mt_rand(0, 9) < 2) $text = pick(['20100102', '2010-01-02', '2010.01.02', '201001', '2010-01-02-10-20-30', '2010-10-20.1', '20101020.100', '2010:01:02']);
    if (mt_rand(0, 9) < 5) {
        $text .= pick(['', '-', '.', '_']) . pick(['alpha', 'a', 'beta', 'b', 'RC', 'rc', 'stable', 'patch', 'pl', 'p', 'Alpha', 'PL']);
        for ($i = mt_rand(0, 2); $i > 0; $i--) $text .= pick(['', '.', '-']) . pick(['0', '1', '2', '10', '01']);
    }
    if (mt_rand(0, 9) < 2) $text .= pick(['-dev', '.dev', 'dev', '-DEV', '.x-dev', '.*-dev', '.X-dev']);
    if (mt_rand(0, 9) < 1) $text .= pick(['+build', '+1.2', '@dev', '@stable', 'x', '-', '~', '.', ' ', '+', '-foo', '-0']);
    return $text;
}

$small = ['0', '1', '1.0', '1.0.0', '1.0.0.0', '1.0.0-dev', '1.0-alpha', '1.0-alpha1', '1.0-alpha.1', '1.0-alpha1.1', '1.0-alpha-dev',
    '1.0-alpha1-dev', '1.0a2', '1.0-beta', '1.0b3', '1.0-RC1', '1.0rc', '1.0-RC1-dev', '1.0-stable', '1.0-patch', '1.0-p1', '1.0pl2',
    '1.0-patch1-dev', '1.0.1', '1.x-dev', '1.0.x-dev', '1.0.0.x-dev', '1.1-dev', '2-dev', '2.x-dev', '20100102', '2010-01-02', '2010.1',
    '2010-01-02.5', '20100102-RC1', '20100102-dev', '201001.0'];
$odd = ['', 'v', 'dev-main', 'dev-1.x', 'master', 'main', '1.0.0.0.0', '1.0.0-beta-', '1.0-gamma', '^1.0', '1.*', '1.x', '123456', '1..2', '.1',
    '1.0.0+a+b', '1.0 as 2.0', 'x-dev', 'feature-dev', '1.0-stable-dev', '1.0.0-alpha+x', '1.0_', '1.0.', '1.0-dev-dev', ' 1.0 ', 'v1.x-dev',
    '123456.x-dev', '1.2.3.4.x-dev', '1x-dev', 'VERSION', '1.0-rc.', '1.0-beta.1-2', '2010-01', '2010-1-2', '20100102030405', '2010010203.04'];
$texts = array_merge($small, $odd);
for ($i = 0; $i < 700; $i++) $texts[] = text();
$texts = array_values(array_unique($texts, SORT_STRING));
$lines = [];
$good = [];
foreach ($texts as $text) {
    $version = normal($parser, $text);
    $lines[] = "$text\t" . ($version ?? '!');
    if ($version !== null) $good[] = $text;
}
$pairs = [];
foreach ($small as $i => $a) foreach (array_slice($small, $i + 1) as $b) $pairs[] = [$a, $b];
for ($i = 0; $i < 2000; $i++) $pairs[] = [pick($good), pick($good)];
foreach ($pairs as [$a, $b]) {
    $order = version_compare(normal($parser, $a), normal($parser, $b));
    $lines[] = "$a\t" . ['<', '=', '>'][$order + 1] . "\t$b";
}
file_put_contents(__DIR__ . '/../src/ecosystems/php/fixtures/versions.txt', implode("\n", $lines) . "\n");
