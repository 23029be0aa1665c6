/** Runs workloads: verifies each library, then lets all of them measure in turn, round by round, so that noise hits all alike. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { valuesOf, type Values } from './inputs.js'
import type { Library } from './libraries.js'
import { hold, type Held } from './process.js'
import type { InputFile, Reply } from './protocol.js'
import type { Result, Row } from './results.js'
import { errorOfFiles, expectedOf } from './verify.js'
import type { Workload } from './workload.js'

/** How much is measured. */
export interface Effort {
  readonly rounds: number
  /** Seconds of a round. */
  readonly budget: number
  /** Threads whose limits are probed. */
  readonly threads: readonly number[]
}

/** The longest that one library may spend on the rounds of one workload, in seconds: slow ones get fewer rounds. */
const patience = 12

const programOf = (w: Workload, { runs, most = Infinity }: Library): boolean =>
  w.programs[runs] !== undefined && (w.flops ?? 0) <= most && (runs !== 'loops' || (w.flops ?? 0) <= 5e8)

/** Prepares and verifies; a result only when that is the end of it. */
const prepare = async (
  w: Workload,
  { runs }: Library,
  held: Held,
  files: readonly InputFile[],
  folder: string,
  verify: (r: Reply) => number,
): Promise<Result | { readonly status: 'right'; readonly error: number; readonly first: number }> => {
  const source = runs === 'torch' || runs === 'numpy' ? w.programs[runs] : undefined
  const reply = await held.say({ do: 'prepare', workload: w.name, inputs: files, folder, source })
  if (reply.error !== undefined) return { status: 'failed', message: reply.error }
  const error = verify(reply)
  return error <= w.tolerance ? { status: 'right', error, first: reply.first! } : { status: 'wrong', error }
}

/** Runs the workloads of one file, all in the same processes, unless what is measured is a process' beginning. */
export const coordinate = async (
  group: string,
  workloads: readonly Workload[],
  libraries: readonly Library[],
  { rounds, budget, threads }: Effort,
  done: (row: Row) => void,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-bench-'))
  const wanted = libraries.filter((l) => workloads.some((w) => programOf(w, l)))
  const held = new Map<string, Held>()
  const open = async (l: Library): Promise<Held> => {
    held.get(l.name)?.end()
    const h = await hold(l.name, l)
    held.set(l.name, h)
    return h
  }
  const probes = new Map<number, Held>()
  if (workloads.some((w) => w.flops !== undefined || w.traffic !== undefined))
    for (const n of threads) probes.set(n, await hold(`limit ${n}`))

  for (const w of workloads) {
    const kind = w.kind ?? 'time'
    const values: Record<string, Values> = {}
    const files = Object.entries(w.inputs).map(([name, input]): InputFile => {
      const path = join(folder, `in-${name}`)
      writeFileSync(path, (values[name] = valuesOf(name, input)))
      return { name, path, shape: input.shape, dtype: input.dtype }
    })
    const want = await expectedOf(w, values)
    const verify = (r: Reply): number => (want === null ? 0 : errorOfFiles(r.outputs ?? [], want))
    const results: Record<string, Result> = {}
    const samples = new Map<
      Library,
      { readonly values: number[]; readonly rounds: number; readonly error: number; readonly first: number }
    >()
    const fresh = kind === 'first' || kind === 'peak'
    for (const l of wanted.filter((l) => programOf(w, l))) {
      const h = held.has(l.name) && !fresh ? held.get(l.name)! : await open(l)
      const p = await prepare(w, l, h, files, folder, verify)
      if (p.status !== 'right') {
        results[l.name] = p
        continue
      }
      const { seconds, error } = fresh ? { seconds: 0, error: undefined } : await h.say({ do: 'warm', budget })
      if (error !== undefined) results[l.name] = { status: 'failed', message: error }
      else samples.set(l, { values: [], rounds: Math.max(1, Math.min(rounds, Math.floor(patience / Math.max(seconds!, 1e-3)))), ...p })
    }
    const limits: Record<string, number[]> = {}
    for (let r = 0; r < rounds; r++) {
      for (const [n, h] of probes) {
        if (w.flops === undefined && w.traffic === undefined) continue
        const { value } = await h.say({ do: 'limit', flops: w.flops ?? 0, traffic: w.traffic ?? { read: 0, write: 0 } })
        ;(limits[n] ??= []).push(value!)
      }
      const order = [...samples].filter(([, s]) => r < s.rounds)
      for (const [l, s] of [...order.slice(r % Math.max(1, order.length)), ...order.slice(0, r % Math.max(1, order.length))]) {
        const h = fresh ? await open(l) : held.get(l.name)!
        if (fresh) {
          const p = await prepare(w, l, h, files, folder, () => 0)
          if (kind === 'first') {
            if (p.status === 'right') s.values.push(p.first)
            continue
          }
        }
        const { value } = await h.say(kind === 'peak' ? { do: 'peak', calls: 1000 } : { do: 'round' })
        if (value !== undefined) s.values.push(value)
      }
    }
    for (const [l, { values: v, error, first }] of samples)
      results[l.name] = v.length === 0 ? { status: 'failed', message: 'no round ended' } : { status: 'measured', error, first, samples: v }
    const { read = 0, write = 0 } = w.traffic ?? {}
    done({ group, name: w.name, kind, unit: w.unit, flops: w.flops ?? 0, bytes: read + write, pieces: w.pieces ?? 1, results, limits })
  }
  for (const h of [...held.values(), ...probes.values()]) h.end()
  rmSync(folder, { recursive: true, force: true })
}
