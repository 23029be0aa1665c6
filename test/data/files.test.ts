import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { io } from '../../src/index.js'
import { left, right } from '../io/either.js'

const dir = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => {
  rmSync(dir, { recursive: true })
})

describe.each([
  ['memory', io.memoryFiles(), 'm'],
  ['Node', io.nodeFiles, join(dir, 'n')],
] as const)('files of %s', (_, files, folder) => {
  const path = `${folder}/a`
  it('are written whole, read whole and in ranges, listed and removed', async () => {
    expect(right(await files.list(folder)())).toEqual([])
    const bytes = Uint8Array.of(1, 2, 3, 4, 5)
    right(await files.writeFile(path, bytes)())
    bytes[0] = 9
    expect([...right(await files.readFile(path)())]).toEqual([1, 2, 3, 4, 5])
    expect(right(await files.sizeOf(path)())).toBe(5)
    expect([...right(await files.readRange(path, 1, 3)())]).toEqual([2, 3])
    expect([...right(await files.readRange(path, 3, 1e12)())]).toEqual([4, 5])
    expect([...right(await files.readRange(path, 9, 12)())]).toEqual([])
    right(await files.writeFile(path, Uint8Array.of(7))())
    expect(right(await files.list(folder)())).toEqual(['a'])
    right(await files.remove(path)())
    right(await files.remove(path)())
    right(await files.append(`${folder}/deep/b`, Uint8Array.of(1, 2))())
    const more = Uint8Array.of(3)
    right(await files.append(`${folder}/deep/b`, more)())
    more[0] = 9
    right(await files.commit(`${folder}/deep/b`, `${folder}/deep/c`)())
    expect(right(await files.list(`${folder}/deep`)())).toEqual(['c'])
    expect([...right(await files.readFile(`${folder}/deep/c`)())]).toEqual([1, 2, 3])
    expect(left(await files.commit(`${folder}/deep/b`, path)())).toEqual(['NotFound', `${folder}/deep/b: no such file`])
    for (const read of [files.readFile(path), files.sizeOf(path), files.readRange(path, 0, 1)])
      expect(left(await read())).toEqual(['NotFound', `${path}: no such file`])
  })
})

describe('the file system of Node', () => {
  it('leaves the old file where the new one cannot be written, and nothing beside it', async () => {
    const folder = join(dir, 'old')
    mkdirSync(join(folder, 'taken'), { recursive: true })
    writeFileSync(join(folder, 'taken', 'x'), 'old')
    // A folder that is not empty cannot be replaced by a file.
    expect(left(await io.nodeFiles.writeFile(join(folder, 'taken'), Uint8Array.of(1))())?.[0]).toBe('Unwritable')
    expect(readFileSync(join(folder, 'taken', 'x'), 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['taken'])
  })

  it('is said to be missing where it is', async () => {
    vi.stubGlobal('process', {})
    try {
      expect(left(await io.loadNpy('x.npy')())).toEqual(['Unsupported', 'x.npy: this platform has no file system'])
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
