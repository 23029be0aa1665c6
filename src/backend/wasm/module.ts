/** Modules: functions over one imported memory, encoded. */
import { bytes } from './bytes.js'
import type { Build, Callee, Ex, Type } from './code.js'
import { encodeBody, op, typeCode } from './code.js'

/** A module under construction. */
export interface ModuleBuilder {
  /** Adds a function, exported under `name` when one is given. `build` writes its body. */
  readonly func: <const P extends readonly Type[]>(name: string | null, params: P, result: Type | null, build: Build<P>) => Callee
  /** The module in binary form; it imports its memory as `env.memory` and the address of scratch of its thread's own as `env.own`. */
  readonly finish: () => Uint8Array
}

/** Pages of 64 KiB that a memory may grow to: all that 32 bits address. */
export const maximumPages = 65536

/** Bytes one after the other. */
const joined = (...parts: readonly ArrayLike<number>[]): Uint8Array => {
  const out = bytes()
  for (const p of parts) out.bytes(p)
  return out.done()
}
const u = (n: number): Uint8Array => {
  const out = bytes()
  out.u(n)
  return out.done()
}
/** Content behind its length. */
const sized = (content: Uint8Array): Uint8Array => joined(u(content.length), content)
/** A section of items; none where there are none. */
const section = (id: number, items: readonly Uint8Array[]): Uint8Array =>
  items.length === 0 ? new Uint8Array(0) : joined([id], sized(joined(u(items.length), ...items)))
/** A name, which is ASCII. */
const named = (s: string): Uint8Array => sized(Uint8Array.from(s, (c) => c.charCodeAt(0)))
/** The limits of the memory, shared or not. */
const limits = (shared: boolean): Uint8Array => joined([shared ? 0x03 : 0x01], u(1), u(maximumPages))

/** The address of the scratch that the running thread has to itself. */
export const own: Ex<'i32'> = op('i32', 0x23, [], (out) => out.u(0))

/** A fresh module; `shared` says what kind of memory it imports. */
export const moduleBuilder = (shared: boolean): ModuleBuilder => {
  const signatures: string[] = []
  const types: Uint8Array[] = []
  const functions: { readonly type: number; readonly code: Uint8Array; readonly name: string | null }[] = []

  const signature = (params: readonly Type[], result: Type | null): number => {
    const key = `${params.join(',')}>${result ?? ''}`
    const known = signatures.indexOf(key)
    if (known >= 0) return known
    const out = bytes()
    out.byte(0x60)
    out.u(params.length)
    for (const p of params) out.byte(typeCode[p])
    out.u(result === null ? 0 : 1)
    if (result !== null) out.byte(typeCode[result])
    types.push(out.done())
    return signatures.push(key) - 1
  }

  return {
    func: (name, params, result, build) => {
      // Encoded first: a body may add the functions that it calls.
      const code = encodeBody(params, build, result)
      const index = functions.length
      functions.push({ type: signature(params, result), code, name })
      return { index, result }
    },
    finish: () =>
      joined(
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, types),
        section(2, [
          joined(named('env'), named('memory'), [0x02], limits(shared)),
          joined(named('env'), named('own'), [0x03, typeCode.i32, 0x00]),
        ]),
        section(
          3,
          functions.map((f) => u(f.type)),
        ),
        section(
          7,
          functions.flatMap(({ name }, k) => (name === null ? [] : [joined(named(name), [0x00], u(k))])),
        ),
        section(
          10,
          functions.map((f) => sized(f.code)),
        ),
      ),
  }
}
