/** Text as bytes. Made when needed: jsdom, in which Jest runs tests of pages, has no encoders, but Node below it does. */
import { builtin } from './builtin.js'

type Coders = Partial<Pick<typeof globalThis, 'TextEncoder' | 'TextDecoder'>>

const coder = <K extends keyof Coders>(name: K): NonNullable<Coders[K]> =>
  ((globalThis as Coders)[name] ?? (builtin('node:util') as Coders | undefined)?.[name])!

/** A fresh encoder of UTF-8. */
export const textEncoder = (): TextEncoder => new (coder('TextEncoder'))()

/** A fresh decoder. */
export const textDecoder = (label?: string, options?: TextDecoderOptions): TextDecoder => new (coder('TextDecoder'))(label, options)
