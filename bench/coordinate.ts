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
/** Plain loops are left out above this many operations. */
const longestLoop = 5e8

const takesPart = (w: Workload, { runs, most = runs === 'loops' ? longestLoop : Infinity }: Library): boolean =>
  w.programs[runs] !== undefined && (w.flops ?? 0) <= most

/** A library that computes the right thing, and what it measured so far. */
interface Racer {
  readonly library: Library
  readonly error: number
  readonly first: number
  readonly rounds: number
  readonly samples: number[]
}

/** One library in one process at a time. */
const stable = () => {
  const held = new Map<string, Held>()
  const open = async (l: Library): Promise<Held> => {
    held.get(l.name)?.end()
    const h = await hold(l.name, l)
    held.set(l.name, h)
    return h
  }
  return {
    /** A new process. */
    open,
    /** The process there is. */
    get: async (l: Library): Promise<Held> => (held.get(l.name)?.alive() === true ? held.get(l.name)! : open(l)),
    end: (): void => held.forEach((h) => h.end()),
  }
}

/** One workload: inputs in files, verification, rounds. */
const race = async (
  w: Workload,
  libraries: readonly Library[],
  { rounds, budget }: Effort,
  { open, get }: ReturnType<typeof stable>,
  probes: ReadonlyMap<number, Held>,
  folder: string,
): Promise<Pick<Row, 'results' | 'limits'>> => {
  const kind = w.kind ?? 'time'
  const fresh = kind === 'first' || kind === 'window' || kind === 'peak'
  // The probe's operations are float32: as many float64 ones take twice as long.
  const lanes = Object.values(w.inputs).some((i) => i.dtype === 'float64') ? 2 : 1
  const values: Record<string, Values> = {}
  const inputs = Object.entries(w.inputs).map(([name, input]): InputFile => {
    const path = join(folder, `in-${name}`)
    writeFileSync(path, (values[name] = valuesOf(name, input)))
    return { name, path, shape: input.shape, dtype: input.dtype }
  })
  const want = await expectedOf(w, values)
  const results: Record<string, Result> = {}
  const limits: Record<string, number[]> = {}

  const prepare = async ({ runs }: Library, h: Held): Promise<Reply> =>
    h.say({ do: 'prepare', workload: w.name, inputs, folder, source: runs === 'torch' || runs === 'numpy' ? w.programs[runs] : undefined })

  const admit = async (library: Library): Promise<Racer | null> => {
    const h = fresh ? await open(library) : await get(library)
    const reply = await prepare(library, h)
    const error = reply.error === undefined && want !== null ? errorOfFiles(reply.outputs ?? [], want) : 0
    const warm = reply.error !== undefined || error > w.tolerance || fresh ? { seconds: 0 } : await h.say({ do: 'warm', budget })
    const message = reply.error ?? warm.error
    if (message !== undefined) results[library.name] = { status: 'failed', message }
    else if (error > w.tolerance) results[library.name] = { status: 'wrong', error }
    else {
      const affordable = kind === 'peak' ? 3 : Math.floor(patience / Math.max(warm.seconds!, 1e-3))
      return { library, error, first: reply.first!, rounds: Math.max(1, Math.min(rounds, affordable)), samples: [] }
    }
    return null
  }

  const round = async ({ library, samples }: Racer): Promise<void> => {
    const h = fresh ? await open(library) : await get(library)
    const { first } = fresh ? await prepare(library, h) : {}
    const measure = kind === 'peak' ? { do: kind, calls: 1000 } : kind === 'window' ? { do: kind, calls: 20 } : { do: 'round' as const }
    const { value } = kind === 'first' ? { value: first } : await h.say(measure)
    if (Number.isFinite(value)) samples.push(value!)
  }

  const racers: Racer[] = []
  for (const l of libraries.filter((l) => takesPart(w, l))) {
    const racer = await admit(l)
    if (racer !== null) racers.push(racer)
  }
  for (let r = 0; r < rounds; r++) {
    for (const [n, h] of probes) {
      const { value } = await h.say({ do: 'limit', flops: lanes * (w.flops ?? 0), traffic: w.traffic ?? { read: 0, write: 0 } })
      if (value !== undefined && value > 0) (limits[n] ??= []).push(value)
    }
    const running = racers.filter((x) => r < x.rounds)
    const start = r % Math.max(1, running.length)
    for (const x of [...running.slice(start), ...running.slice(0, start)]) await round(x)
  }
  for (const { library, error, first, samples } of racers)
    results[library.name] =
      samples.length === 0 ? { status: 'failed', message: 'no round ended' } : { status: 'measured', error, first, samples }
  return { results, limits }
}

/** Runs the workloads of one file, a library in the same process for all, unless what is measured is a process' beginning. */
export const coordinate = async (
  group: string,
  workloads: readonly Workload[],
  libraries: readonly Library[],
  effort: Effort,
  done: (row: Row) => void,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-bench-'))
  const processes = stable()
  const limited = workloads.some((w) => w.flops !== undefined || w.traffic !== undefined)
  const probes = new Map<number, Held>()
  for (const n of limited ? effort.threads : []) probes.set(n, await hold(`limit ${n}`))
  for (const w of workloads) {
    const { read = 0, write = 0 } = w.traffic ?? {}
    const row = {
      group,
      name: w.name,
      kind: w.kind ?? 'time',
      unit: w.unit,
      flops: w.flops ?? 0,
      bytes: read + write,
      pieces: w.pieces ?? 1,
    }
    done({ ...row, ...(await race(w, libraries, effort, processes, probes, folder)) })
  }
  processes.end()
  for (const h of probes.values()) h.end()
  rmSync(folder, { recursive: true, force: true })
}
