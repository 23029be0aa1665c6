/** Child processes that hold one library each. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Library } from './libraries.js'
import { inRepository } from './paths.js'
import type { Command, Reply } from './protocol.js'

/** A library in a process of its own. */
export interface Held {
  readonly version: string | null
  readonly say: (c: Command) => Promise<Reply>
  /** False once the process is gone. */
  readonly alive: () => boolean
  readonly end: () => void
}

const commandOf = (name: string, library?: Library): readonly [string, readonly string[]] =>
  library?.runs === 'torch' || library?.runs === 'numpy'
    ? ['python3', [inRepository('bench/adapters/python.py'), library.runs, String(library.threads)]]
    : [process.execPath, [process.env.ADJOINT_PROGRAM!, '--child', name]]

/** Starts the process of a library, or of the probe `name`; its version is null when it is not there. */
export const hold = async (name: string, library?: Library): Promise<Held> => {
  const [program, args] = commandOf(name, library)
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr!.on('data', (d: Buffer) => (complaints = (complaints + d.toString()).slice(-2000)))
  child.stdin!.on('error', () => undefined)
  let ended = false
  let waiting: ((r: Reply) => void) | null = null
  const answer = (r: Reply): void => {
    waiting?.(r)
    waiting = null
  }
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => answer(JSON.parse(line) as Reply))
  const dead = (): Reply => ({ version: null, error: `the process ended: ${complaints.trim().split('\n').at(-1) ?? ''}` })
  child.on('error', () => {
    ended = true
    answer(dead())
  })
  child.on('exit', () => {
    ended = true
    answer(dead())
  })
  const next = (): Promise<Reply> => (ended ? Promise.resolve(dead()) : new Promise((resolve) => (waiting = resolve)))
  const { version = null } = await next()
  return {
    version,
    say: (c) => {
      const reply = next()
      child.stdin!.write(`${JSON.stringify(c)}\n`)
      return reply
    },
    alive: () => !ended,
    end: () => child.stdin!.end(),
  }
}
