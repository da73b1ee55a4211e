/** Scans by clairctl: each image in a new data directory, and again while its database is running. */
import { scan, scanFolder, scanWithMemory } from './scan-once.ts';

/** Known scans of an image: one takes few ticks of the clock that counts CPU time. */
const AGAIN = 5;

/** Seconds and MB under `name`: the most that one of `images` (OCI layouts) took. */
export async function measureScans(name: string, images: readonly string[]): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const take = (figure: string, value: number): void => {
    figures[`${name}_${figure}`] = Math.max(figures[`${name}_${figure}`] ?? 0, value);
  };
  for (const image of images) {
    const folder = scanFolder();
    try {
      const first = await scanWithMemory(image, folder);
      for (const figure of ['cpu', 'wall', 'memory'] as const) take(`new_${figure}`, first[figure]);
      let [cpu, wall] = [0, 0];
      for (let round = 0; round < AGAIN; round++) {
        const again = await scan(image, folder, '10m');
        cpu += again.cpu / AGAIN;
        wall += again.wall / AGAIN;
      }
      take('again_cpu', cpu);
      take('again_wall', wall);
    } finally {
      await scan(image, folder, '0').catch(() => {}); // ends the server
    }
  }
  return figures;
}
