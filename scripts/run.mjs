/**
 * Runs a TypeScript program: `node scripts/run.mjs examples/train.ts ...arguments`.
 * The entry is bundled from source (npm packages stay outside) to a file beside node_modules and imported.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { member } from './member.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const [entry, ...rest] = process.argv.slice(2)
if (entry === undefined) {
  console.error('usage: node scripts/run.mjs FILE.ts [arguments]')
  process.exit(2)
}

const folder = join(root, 'node_modules', '.cache', 'adjoint-run')
mkdirSync(folder, { recursive: true })
const outfile = join(folder, `${process.pid}.mjs`)
process.on('exit', () => {
  rmSync(outfile, { force: true })
  rmSync(`${outfile}.map`, { force: true })
})

await build({
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [member],
  // In a bundle `import.meta.url` would be the temporary file's: programs find their neighbours from the source's.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve(entry)).href) },
})

process.setSourceMapsEnabled(true)
process.argv = [process.argv[0], resolve(entry), ...rest]
// For programs that start themselves again.
process.env.ADJOINT_PROGRAM = outfile
await import(pathToFileURL(outfile).href)
