/**
 * Writes src/ecosystems/go/fixtures/versions.txt: pairs of versions in the order that Go itself gives them,
 * by golang.org/x/mod/semver (modules) and go/version (the toolchain). Needs `go` and its module proxy.
 * Run: node scripts/gen-vectors-go.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = `package main

import (
	"fmt"
	"go/version"
	"math/rand"

	"golang.org/x/mod/semver"
)

func main() {
	random := rand.New(rand.NewSource(9))
	pick := func(from []string) string { return from[random.Intn(len(from))] }
	numbers := []string{"0", "1", "2", "9", "10", "20", "99", "4294967296", "99999999999999999999"}
	tails := []string{
		"", "", "+incompatible", "-0", "-alpha", "-alpha.1", "-alpha.beta", "-beta", "-beta.2", "-beta.11", "-rc1",
		"-rc.1", "-rc.9", "-rc.10", "-x-y.z", "-1", "-10", "-a1", "-A", "--", "+meta", "-rc.1+meta", "-alpha.00a",
		"-0.20200622213623-75b288015ac9", "-0.20210226172049-e18ecbb05110", "-rc.1.0.20210226172049-e18ecbb05110",
		"-0.20210226172049-e18ecbb05110+incompatible", "-20210226172049-e18ecbb05110", "-20200622213623-75b288015ac9",
	}
	module := func() string {
		return "v" + pick(numbers) + "." + pick(numbers[:3]) + "." + pick(numbers[:4]) + pick(tails)
	}
	near := func(other string) string {
		if random.Intn(2) == 0 {
			return module()
		}
		return semver.Canonical(other)[:len("v")] + semver.MajorMinor(other)[1:] + "." + pick(numbers[:2]) + pick(tails)
	}
	signs := map[int]string{-1: "<", 0: "=", 1: ">"}
	fmt.Println("# modules: golang.org/x/mod/semver")
	for range 1200 {
		a := module()
		b := near(a)
		if !semver.IsValid(a) || !semver.IsValid(b) {
			panic(a + " " + b)
		}
		fmt.Println(a, signs[semver.Compare(a, b)], b)
	}
	fmt.Println("v1 = v1.0.0")
	fmt.Println("v1.2 = v1.2.0")
	fmt.Println("# refused: golang.org/x/mod/semver")
	for _, text := range []string{
		"v1.2.3.4", "v01.2.3", "v1.2.03", "v1.2.3-01", "v1.2.3-", "v1.2.3+", "v1.2.3-a..b", "v1.2-rc1", "v1-rc1", "v",
		"", "vv1.2.3", "v1.2.3-é", " v1.2.3", "v1.2.3 ", "v1.2.3\\t", "V1.2.3", "(devel)", "v1.2.x", "v-1.2.3",
	} {
		if semver.IsValid(text) {
			panic(text)
		}
		fmt.Printf("! %q\\n", text)
	}
	fmt.Println("# toolchain: go/version")
	var toolchains []string
	for _, minor := range []string{"1.9", "1.20", "1.21", "1.22"} {
		for _, tail := range []string{"", ".0", ".1", ".9", ".10", "beta1", "beta2", "rc1", "rc2", "rc10"} {
			// Since 1.21 the bare number is a language version, below its own betas; no toolchain is called so.
			if tail != "" || minor < "1.21" || minor == "1.9" {
				toolchains = append(toolchains, minor+tail)
			}
		}
	}
	for _, a := range toolchains {
		for _, b := range toolchains {
			if a < b {
				fmt.Println(a, signs[version.Compare("go"+a, "go"+b)], b)
			}
		}
	}
}
`;

const directory = mkdtempSync(join(tmpdir(), 'gen-vectors-go-'));
try {
  writeFileSync(join(directory, 'main.go'), PROGRAM);
  const go = (...args: string[]) => execFileSync('go', args, { cwd: directory, encoding: 'utf8' });
  go('mod', 'init', 'vectors.invalid/go');
  go('get', 'golang.org/x/mod@v0.20.0');
  const fixtures = join(import.meta.dirname, '../src/ecosystems/go/fixtures');
  mkdirSync(fixtures, { recursive: true });
  writeFileSync(join(fixtures, 'versions.txt'), go('run', '.'));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
