/** The process of one library: holds one workload at a time and does what the coordinator says. */
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { listed, type Adapter } from './adapters/adapter.js'
import type { Peak } from './adapters/peak.js'
import { now } from './clock.js'
import { valuesFrom } from './inputs.js'
import { openLibrary } from './libraries.js'
import type { Command, Reply } from './protocol.js'
import type { Call, Detailed, Foreign, Workload } from './workload.js'
import { find } from './workloads/index.js'

const reply = (r: Reply): void => {
  writeSync(3, `${JSON.stringify(r)}\n`)
}

interface Running {
  readonly workload: Workload
  readonly program: Detailed<Foreign>
  /** Resident megabytes before there were inputs. */
  readonly resident: number
  calls: number
}

const commands = (library: string, { run, finish, ...adapter }: Adapter<Foreign>) => {
  let running: Running | null = null

  /** Seconds for `n` calls, each finished before the next. */
  const seconds = async (call: Call<Foreign>, n: number): Promise<number> => {
    const start = now()
    for (let i = 0; i < n; i++) {
      const result = run(call)
      const waiting = finish?.(result)
      if (waiting !== undefined) await waiting
    }
    return now() - start
  }

  const prepare = async ({ workload: name, inputs, folder }: Command & { readonly do: 'prepare' }): Promise<Reply> => {
    const workload = find(name)
    const resident = process.memoryUsage().rss / 2 ** 20
    const tensors = Object.fromEntries(
      inputs.map((i) => [i.name, adapter.tensor(valuesFrom(readFileSync(i.path), i.dtype), workload.inputs[i.name]!)]),
    )
    const start = now()
    const made = adapter.program(workload, tensors)
    if (made === undefined) return { error: 'no program' }
    const program: Detailed<Foreign> = typeof made === 'function' ? { call: made } : made
    running = { workload, program, resident, calls: 1 }
    if (program.figure !== undefined) return { first: 0, outputs: [] }
    const result = run(program.call)
    const called = now()
    const shown = program.check?.(result) ?? listed(result).map(adapter.hold)
    const checked = now()
    await finish?.(result)
    const first = called - start + now() - checked
    const outputs = []
    for (const [k, t] of shown.entries()) {
      const values = Float64Array.from(await adapter.read(t))
      const path = join(folder, `${library}-${k}`.replaceAll(' ', '-'))
      writeFileSync(path, values)
      outputs.push({ path, dtype: 'float64' })
    }
    return { first, outputs }
  }

  const warm = async (r: Running, budget: number): Promise<Reply> => {
    if (r.workload.kind === 'figure') return { seconds: 0 }
    const { call } = r.program
    const end = performance.now() + 4000 * budget
    let spent = await seconds(call, 1)
    for (r.calls = 1; spent < budget || performance.now() < end;) {
      r.calls = Math.max(1, Math.ceil(r.calls * Math.min(10, (1.1 * budget) / Math.max(spent, 1e-7))))
      spent = await seconds(call, r.calls)
      if (r.calls === 1 && spent > budget) break
    }
    return { seconds: spent }
  }

  const round = async (r: Running): Promise<Reply> => {
    if (r.program.figure !== undefined) return { value: r.program.figure() }
    const time = (await seconds(r.program.call, r.calls)) / r.calls
    if (r.program.base === undefined) return { value: time }
    const calls = r.calls * 2
    return { value: time / ((await seconds(r.program.base, calls)) / calls) }
  }

  const peak = async (r: Running, calls: number): Promise<Reply> => {
    await seconds(r.program.call, calls)
    return { value: process.resourceUsage().maxRSS / 1024 - r.resident }
  }

  return async (c: Command): Promise<Reply> => {
    if (c.do === 'prepare') return prepare(c)
    if (running === null) return { error: 'nothing prepared' }
    if (c.do === 'warm') return warm(running, c.budget)
    if (c.do === 'round') return round(running)
    if (c.do === 'window') return { value: (await seconds(running.program.call, c.calls)) / c.calls }
    if (c.do === 'peak') return peak(running, c.calls)
    return { error: `${c.do}: not for a library` }
  }
}

const limits =
  (peak: Peak) =>
  (c: Command): Promise<Reply> =>
    Promise.resolve(c.do === 'limit' ? { value: peak(c.flops, c.traffic) } : { error: `${c.do}: not for the probe` })

/** Serves until standard input ends. */
export const serve = async (library: string): Promise<void> => {
  const opened = await openLibrary(library)
  if (opened === null) return reply({ version: null })
  const obey = typeof opened === 'function' ? limits(opened) : commands(library, opened)
  reply({ version: typeof opened === 'function' ? process.version : opened.version })
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      reply(await obey(JSON.parse(line) as Command))
    } catch (e) {
      reply({ error: (e instanceof Error ? `${e.name}: ${e.message}` : String(e)).split('\n')[0]! })
    }
  }
  process.exit(0)
}
