/** The page of the architecture says what is in the tree; a fault planted in it is found. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Read at run time: the scripts have no declarations.
const { compare, contributing } = (await import(new URL('../scripts/architecture.mjs', import.meta.url).href)) as {
  readonly compare: (text: string) => { readonly right: string; readonly wrong: readonly string[] }
  readonly contributing: () => readonly string[]
}
const { floors } = (await import(new URL('../scripts/layers.mjs', import.meta.url).href)) as {
  readonly floors: Readonly<Record<string, readonly string[]>>
}

const page = readFileSync(fileURLToPath(new URL('../docs/architecture.md', import.meta.url)), 'utf8')

describe('docs/architecture.md', () => {
  it('has the floors, their imports, files and folders, and names paths that exist', () => {
    const { wrong, right } = compare(page)
    expect(wrong).toEqual([])
    expect(right).toBe(page)
  })
  it.each([
    ['a floor is missing', (text: string) => text.replace(/^\| `random` .*\n/m, ''), /no row for the floor random/],
    ['a floor is gone', (text: string) => text.replace('| `viz` |', '| `drawings` |'), /has the floor drawings/],
    ['a file is missing', (text: string) => text.replace('`bind` ', ''), /row of ir is out of date/],
    ['a file is gone', (text: string) => text.replace('`bind` ', '`bind` `binding` '), /row of ir is out of date/],
    [
      'an import is missing',
      (text: string) => text.replace('| `core` `tree` `kernel` |', '| `core` `kernel` |'),
      /row of ir is out of date/,
    ],
    [
      'a path is gone',
      (text: string) => text.replace('src/transforms/tape.ts', 'src/transforms/tapes.ts'),
      /tapes\.ts, which does not exist/,
    ],
  ])('is found out when %s', (_, damage, message) => {
    const damaged = damage(page)
    expect(damaged).not.toBe(page)
    expect(compare(damaged).wrong.join('\n')).toMatch(message)
  })
})

describe('CONTRIBUTING.md', () => {
  it('has a row for every floor', () => {
    expect([...contributing()].sort()).toEqual([...Object.keys(floors), 'laws'].sort())
  })
})
