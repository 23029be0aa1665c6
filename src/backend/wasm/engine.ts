/** What the backend runs on: one memory, its threads and residents, and the code made for the settings in force. */
import type { Tuning } from '../../compile/backend.js'
import type { Program } from '../../ir/program.js'
import { createHeap, type Heap } from './heap.js'
import { canShare, cores, machineMemory } from './host.js'
import type { Caps } from './kernel.js'
import type { HeapCode, Machine } from './machine.js'
import { allocatorOf } from './machine.js'
import { mebibytes, page, showUse } from './memory.js'
import { maximumPages } from './module.js'
import { createLibrary, createLoad } from './modules.js'
import { compileProgram } from './program.js'
import { refused, replaced } from './refusals.js'
import type { Budget } from '../driver/budget.js'
import { collector } from '../driver/collector.js'
import { createResidents, type Residents } from '../driver/residents.js'
import { createShelves } from './shelf.js'
import { deskBytes } from './single.js'
import { createTeam, type Team } from './threads/team.js'
import { compilePlainly, unsafe } from './v8.js'

/** Bytes of results and of copies of host arrays that may stay in the heap before the collector is asked; at most a sixteenth of the machine's. */
const budget = (): Budget => {
  const least = 2 ** 28
  return { least, most: Math.max(least, Math.min(2 ** 29, machineMemory() / 16)) }
}
/** Kernels kept by structure. */
const shelved = 1024

/** A machine with what outlives a change of settings. */
export interface Engine extends Machine {
  readonly residents: Residents<number>
  readonly team: Team
  /** The fixed place for the values of small Programs. */
  readonly desk: number
}

let settings: Tuning = {}
let current: Engine | null = null

const plain = ({ shared }: Heap): Caps => ({ fma: false, ordered: false, wide: false, shared })

/** More threads than four for each core are of no use, and each takes time to start. */
const threads = (): number => Math.min(settings.threads ?? cores(), Math.max(16, 4 * cores()))

/** The code of an engine is made anew; its memory stays. */
const build = ({ heap, team, residents, desk }: Pick<Engine, 'heap' | 'team' | 'residents' | 'desk'>): Engine => {
  const caps = plain(heap)
  const fast = settings.unsafeV8Flags === true ? unsafe(heap, caps) : null
  const compiled = new WeakMap<Program, HeapCode>()
  const load = createLoad(heap, team.own, fast?.compile ?? compilePlainly, fast !== null)
  const engine: Engine = {
    heap,
    memory: allocatorOf(heap),
    team,
    residents,
    desk,
    caps: fast?.caps ?? caps,
    sweep: team.sweep,
    shelves: createShelves(shelved),
    load,
    library: createLibrary(load, caps.shared),
    compile: (program) => {
      let code = compiled.get(program)
      if (code === undefined) compiled.set(program, (code = compileProgram(program, engine).code))
      return code
    },
  }
  return engine
}

/** The engine, started when it is first needed. */
export const engine = (): Engine => {
  if (current === null) {
    const heap = createHeap(canShare(), settings.memory === undefined ? maximumPages : Math.floor(settings.memory / page))
    const team = createTeam(heap)
    team.limit(threads())
    const residents = createResidents(allocatorOf(heap), budget(), collector())
    heap.whenFull(residents.relieve, () => showUse(residents.kinds(), heap.used() - residents.held()))
    current = build({ heap, team, residents, desk: heap.alloc(deskBytes) })
  }
  return current
}

let refusedAll = false
/** True when there is an engine, or can be one: what asks for it without memory computes elsewhere. */
export const isUsable = (): boolean => {
  if (current !== null) return true
  if (refusedAll) return false
  try {
    engine()
    return true
  } catch (error) {
    refusedAll = true
    replaced(error instanceof Error ? error.message.split('\n')[0]! : String(error))
    return false
  }
}

/** Changes settings from now on. */
export const tune = (changed: Tuning): void => {
  const before = settings
  settings = { ...settings, ...changed }
  if (current === null) return
  current.team.limit(threads())
  if (changed.memory !== undefined && !current.heap.limit(changed.memory))
    refused(`with less memory than ${mebibytes(changed.memory)}, because the first computation reserved less`)
  if ((before.unsafeV8Flags ?? false) !== (settings.unsafeV8Flags ?? false)) current = build(current)
}
