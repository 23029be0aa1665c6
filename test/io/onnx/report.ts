/** What `test/io/onnx` compares, in figures: `ADJOINT_ORACLES=FOLDER node scripts/run.mjs test/io/onnx/report.ts [RUNS [SEED]]`. */
import process from 'node:process'
import { compared, comparePrimitive, compareSubject } from './compare.js'
import type { Comparison } from './compare.js'
import { subjects } from './models.js'

const [runs = 40, seed = 1] = process.argv.slice(2).map(Number)
let wrong = 0

const line = (name: string, c: Comparison): void => {
  wrong += c.wrong.length
  process.stdout.write(`${name.padEnd(44)} ${c.error.toExponential(1).padStart(8)} ${String(c.bytes).padStart(10)} bytes\n`)
  for (const w of c.wrong.slice(0, 3)) process.stdout.write(`    WRONG ${w}\n`)
}
const tried = async (name: string, f: () => Promise<Comparison>): Promise<void> => {
  try {
    line(name, await f())
  } catch (error) {
    line(name, { error: NaN, bytes: 0, wrong: [error instanceof Error ? (error.stack ?? '').slice(0, 900) : String(error)] })
  }
}
for (const [name, make] of Object.entries(subjects)) await tried(name, () => compareSubject(make()))
for (const name of compared) await tried(name, () => comparePrimitive(name, runs, seed))
process.stdout.write(
  `${compared.length} primitives of ${runs} applications each, ${Object.keys(subjects).length} functions: ${wrong} results wrong\n`,
)
process.exitCode = wrong === 0 ? 0 : 1
