/** Which of the many packages of a kernel its vulnerabilities are in. */

// clair-matching.md#red-hat-vex: the image and its modules; not headers, tools, debugging data or documentation.
const KERNEL =
  /^kernel(?:-uki-virt(?:-addons)?|(?:-rt|-64k|-rt-64k)?(?:-core|-modules|-modules-core|-modules-extra)?|-rt-kvm|-rt-64k-kvm)$/;

/** Whether `name`, which begins with `kernel`, has code of the kernel. */
export function isKernelToCheck(name: string): boolean {
  return KERNEL.test(name);
}
