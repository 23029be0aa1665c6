import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { data } from '../../src/index.js'

const url = 'https://example.org/a.bin'
const bytes = Uint8Array.from({ length: 2500 }, (_, i) => i % 251)
const remote = async (urls: readonly string[] = [url]): Promise<data.Remote> => ({
  path: 'set/a.bin',
  urls,
  sha256: await data.sha256(bytes),
})
const directory = 'cache'
const file = 'cache/set/a.bin'
const sizes = (world: data.World) =>
  Promise.all([file, `${file}.part`].map((path) => TE.getOrElse(() => () => Promise.resolve(0))(world.sizeOf(path))()))
const leftOf = (result: { readonly _tag: string; readonly left?: data.DataFault }): data.DataFault =>
  result.left ?? { _tag: 'NotFound', message: 'Right' }

describe('cacheDirectory', () => {
  const of = (environment: Readonly<Record<string, string>>): string => data.cacheDirectory(data.memoryWorld({ environment }))
  it('ADJOINT_DATA, XDG_CACHE_HOME, home, in this order', () => {
    expect(of({ ADJOINT_DATA: '/d', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/d')
    expect(of({ ADJOINT_DATA: '', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/adjoint')
    expect(of({ HOME: '/h' })).toBe('/h/.cache/adjoint')
    expect(of({ LOCALAPPDATA: 'C:\\l' })).toBe('C:\\l/adjoint')
    expect(of({})).toBe('.adjoint')
  })
})

describe('download', () => {
  it('fetches once, with progress, and leaves nothing but the file', async () => {
    const seen: data.DownloadProgress[] = []
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const asked: string[] = []
    const counting: data.World = { ...world, request: (u, from) => (asked.push(`${u} ${from}`), world.request(u, from)) }
    const options = { directory, capabilities: counting, onProgress: (p: data.DownloadProgress) => void seen.push(p) }
    for (let i = 0; i < 2; i++) expect(await data.download(await remote(), options)()).toEqual({ _tag: 'Right', right: bytes })
    expect(asked).toEqual([`${url} 0`])
    expect(seen.map((p) => [p.received, p.total])).toEqual([
      [1000, 2500],
      [2000, 2500],
      [2500, 2500],
    ])
    expect(seen.every((p, i) => p.url === url && p.elapsed > (seen[i - 1]?.elapsed ?? 0))).toBe(true)
    expect(await sizes(world)).toEqual([2500, 0])
  })

  it('goes on where it was interrupted', async () => {
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const asked: number[] = []
    const torn: data.World = {
      ...world,
      request: (u, from) => {
        asked.push(from)
        if (asked.length > 1) return world.request(u, from)
        async function* body() {
          yield bytes.slice(0, 1200)
          await Promise.resolve()
          throw new Error('socket hang up')
        }
        return TE.right({ status: 200, length: 2500, body: body() })
      },
    }
    const first = leftOf(await data.download(await remote(), { directory, capabilities: torn })())
    expect(first._tag).toBe('Offline')
    expect(first.message).toMatch(/after 1200 bytes: socket hang up/)
    expect(await sizes(world)).toEqual([0, 1200])
    expect(await data.download(await remote(), { directory, capabilities: torn })()).toEqual({ _tag: 'Right', right: bytes })
    expect([asked, await sizes(world)]).toEqual([
      [0, 1200],
      [2500, 0],
    ])
  })

  it('starts again when the server knows no ranges, takes what is complete, and drops what is wrong', async () => {
    const part = { [`${file}.part`]: bytes.slice(0, 700) }
    const plain = data.memoryWorld({ pages: { [url]: bytes }, files: part })
    const noRanges: data.World = { ...plain, request: (u) => plain.request(u, 0) }
    expect(await data.download(await remote(), { directory, capabilities: noRanges })()).toEqual({ _tag: 'Right', right: bytes })
    const complete = data.memoryWorld({ pages: { [url]: bytes }, files: { [`${file}.part`]: bytes } })
    expect(await data.download(await remote(), { directory, capabilities: complete })()).toEqual({ _tag: 'Right', right: bytes })
    const wrong = data.memoryWorld({ pages: { [url]: bytes }, files: { [`${file}.part`]: bytes.slice(0, 700).reverse() } })
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: wrong })())
    expect([failed._tag, await sizes(wrong)]).toEqual(['Corrupt', [0, 0]])
    expect(await data.download(await remote(), { directory, capabilities: wrong })()).toEqual({ _tag: 'Right', right: bytes })
  })

  it('tries the next address', async () => {
    const other = 'https://example.net/a.bin'
    const world = data.memoryWorld({ pages: { [other]: bytes } })
    expect(await data.download(await remote([url, other]), { directory, capabilities: world })()).toEqual({ _tag: 'Right', right: bytes })
    const damaged = data.memoryWorld({ pages: { [url]: bytes.slice(1), [other]: bytes } })
    expect(await data.download(await remote([url, other]), { directory, capabilities: damaged })()).toEqual({ _tag: 'Right', right: bytes })
  })

  it('offline it says which file to put where', async () => {
    const { sha256 } = await remote()
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: data.memoryWorld() })())
    expect(failed._tag).toBe('Offline')
    expect(failed.message).toBe(
      `set/a.bin: ${url}: no such server\n  try: when there is a network again; or put the file (SHA-256 ${sha256}), from ${url}, at ${file}; or set ADJOINT_DATA to a directory that has it`,
    )
  })

  it('refusals of servers, short answers and full disks are faults', async () => {
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const answering = (status: number, length: number): data.World => ({
      ...world,
      request: (u, from) => TE.map((a: data.ServerAnswer) => ({ ...a, status, length }))(world.request(u, from)),
    })
    expect(leftOf(await data.download(await remote(), { directory, capabilities: answering(404, 9) })()).message).toMatch(
      /the server answers 404/,
    )
    expect(leftOf(await data.download(await remote(), { directory, capabilities: answering(200, 9999) })()).message).toMatch(
      /ended after 2500 of 9999 bytes/,
    )
    const full: data.World = {
      ...data.memoryWorld({ pages: { [url]: bytes } }),
      append: () => TE.left({ _tag: 'Unreadable', message: 'disk full' }),
    }
    expect(leftOf(await data.download(await remote(), { directory, capabilities: full })())).toEqual({
      _tag: 'Unreadable',
      message: 'disk full',
    })
  })

  it('a cached file that is not the file is not used and not overwritten', async () => {
    const world = data.memoryWorld({ files: { [file]: bytes.slice(1) }, pages: { [url]: bytes } })
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: world })())
    expect([failed._tag, await sizes(world)]).toEqual(['Corrupt', [2499, 0]])
    expect(failed.message).toMatch(/cache\/set\/a.bin: SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}\n {2}try: remove it/)
  })

  it('several at once, with one cache: all get the file, and nothing else is left', async () => {
    for (const files of [
      {},
      { [`${file}.part`]: bytes.slice(0, 700) },
      { [`${file}.mb0x2k1f-0123456789abcdef.part`]: bytes.slice(0, 1100) },
    ]) {
      const world = data.memoryWorld({ pages: { [url]: bytes }, files, chunk: 100 })
      const which = await remote()
      const all = await Promise.all([1, 2, 3].map(() => data.download(which, { directory, capabilities: world })()))
      for (const fetched of all) expect(fetched).toEqual({ _tag: 'Right', right: bytes })
      const names = await world.list('cache/set')()
      expect(names).toEqual({ _tag: 'Right', right: ['a.bin'] })
    }
  })

  it('goes on from what a killed process left, and begins again where that is something else', async () => {
    const left = `${file}.mb0x2k1f-0123456789abcdef.part`
    for (const [part, asked] of [
      [bytes.slice(0, 1100), [1100]],
      [bytes.slice(0, 1100).reverse(), [1100, 0]],
    ] as const) {
      const world = data.memoryWorld({ pages: { [url]: bytes }, files: { [left]: part } })
      const from: number[] = []
      const counting: data.World = { ...world, request: (u, f, s) => (from.push(f), world.request(u, f, s)) }
      expect(await data.download(await remote(), { directory, capabilities: counting })()).toEqual({ _tag: 'Right', right: bytes })
      expect(from).toEqual(asked)
      expect(await world.list('cache/set')()).toEqual({ _tag: 'Right', right: ['a.bin'] })
    }
  })

  it('takes a checksum in capitals, and refuses one that is none', async () => {
    const small = await remote()
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const capital = { ...small, sha256: small.sha256.toUpperCase() }
    expect(await data.download(capital, { directory, capabilities: world })()).toEqual({ _tag: 'Right', right: bytes })
    expect(() => data.download({ ...small, sha256: 'abc' })).toThrow("download: sha256 must be 64 hexadecimal digits, got 'abc'")
    expect(() => data.download(small, { timeout: NaN })).toThrow('download: timeout must be a number above 0, got NaN')
    expect(() => data.download(small, { maxBytes: NaN })).toThrow('download: maxBytes must be a number from 0, got NaN')
  })

  it('puts together answers that begin elsewhere than asked', async () => {
    const part = { [`${file}.part`]: bytes.slice(0, 700) }
    for (const from of [0, 300, 700]) {
      const world = data.memoryWorld({ pages: { [url]: bytes }, files: part })
      const odd: data.World = {
        ...world,
        request: (u) =>
          TE.map((a: data.ServerAnswer) => ({ ...a, status: 206, from, length: bytes.length - from }))(world.request(u, from)),
      }
      expect(await data.download(await remote(), { directory, capabilities: odd })()).toEqual({ _tag: 'Right', right: bytes })
    }
    const world = data.memoryWorld({ pages: { [url]: bytes }, files: part })
    const ahead: data.World = {
      ...world,
      request: (u) => TE.map((a: data.ServerAnswer) => ({ ...a, status: 206, from: 900 }))(world.request(u, 900)),
    }
    expect(leftOf(await data.download(await remote(), { directory, capabilities: ahead })()).message).toMatch(
      /the server answers from byte 900 on, 700 was asked for/,
    )
    // What cannot be continued is not kept: the next attempt begins at the beginning.
    expect(await sizes(world)).toEqual([0, 0])
  })

  it('bounds what a server sends, and does without a length', async () => {
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const announcing = (length: number | null): data.World => ({
      ...world,
      request: (u, from) => TE.map((a: data.ServerAnswer) => ({ ...a, length }))(world.request(u, from)),
    })
    const run = async (length: number | null, maxBytes = 1e9) =>
      leftOf(await data.download(await remote(), { directory, capabilities: announcing(length), maxBytes })())
    expect((await run(1000)).message).toMatch(/more than the 1000 bytes that the server announced/)
    expect([(await run(2500, 2499))._tag, await sizes(world)]).toEqual(['TooLarge', [0, 0]])
    expect([(await run(null, 2499))._tag, await sizes(world)]).toEqual(['TooLarge', [0, 0]])
    expect(await data.download(await remote(), { directory, capabilities: announcing(null), maxBytes: 2500 })()).toEqual({
      _tag: 'Right',
      right: bytes,
    })
  })

  it('gives up a server that stalls, and stops when it is called off, keeping what has arrived', async () => {
    const inner = data.memoryWorld({ pages: { [url]: bytes } })
    const stalled: data.World = {
      ...inner,
      request: () => {
        async function* body() {
          yield bytes.slice(0, 1200)
          await new Promise(() => undefined)
        }
        return TE.right({ status: 200, length: 2500, body: body() })
      },
    }
    const silent: data.World = { ...inner, request: () => () => new Promise(() => undefined) }
    const late = leftOf(await data.download(await remote(), { directory, capabilities: stalled, timeout: 20 })())
    expect([late._tag, /nothing came for 20 ms/.test(late.message), await sizes(inner)]).toEqual(['Offline', true, [0, 1200]])
    expect(leftOf(await data.download(await remote(), { directory, capabilities: silent, timeout: 20 })())._tag).toBe('Offline')
    const calling = new AbortController()
    const called = data.download(await remote(), { directory, capabilities: stalled, signal: calling.signal })()
    setTimeout(() => {
      calling.abort()
    }, 20)
    expect(leftOf(await called)).toMatchObject({ _tag: 'Aborted', message: `${url}: the download was called off` })
    expect(await sizes(inner)).toEqual([0, 1200])
    expect(leftOf(await data.download(await remote(), { directory, capabilities: silent, signal: AbortSignal.abort() })())._tag).toBe(
      'Aborted',
    )
    expect(await data.download(await remote(), { directory, capabilities: inner })()).toEqual({ _tag: 'Right', right: bytes })
  })

  it('says what came in the place of the file', async () => {
    const text = (s: string): Uint8Array => new TextEncoder().encode(s)
    const run = async (page: Uint8Array, files: Readonly<Record<string, Uint8Array>> = {}) =>
      leftOf(await data.download(await remote(), { directory, capabilities: data.memoryWorld({ pages: { [url]: page }, files }) })())
        .message
    const page = text('\ufeff\n<!DOCTYPE html><html><head><title>Sign in\n to go on</title>')
    expect(await run(page)).toMatch(/what came is not the file: it is a web page \(Sign in to go on\)/)
    expect(await run(text('version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 2500\n'))).toMatch(
      /it is a git-LFS pointer to a file of 2500 bytes/,
    )
    expect(await run(text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'))).toMatch(
      /it is an answer in XML \(AccessDenied\)/,
    )
    expect(await run(new Uint8Array())).toMatch(/what came is not the file: /)
    expect(await run(bytes.slice(1))).toMatch(/what came is not the file: its SHA-256 is another/)
    expect(await run(bytes, { [file]: page })).toMatch(/expected [0-9a-f]{64}: it is a web page \(Sign in to go on\)\n {2}try: remove it/)
  })

  it('with a real server: ranges it does not keep to, packed bodies, redirects, stalls and aborts', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/from0' }).end()
      else if (request.url === '/from0') response.writeHead(206, { 'content-range': 'bytes 0-2499/2500' }).end(bytes)
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes))
      else if (request.url === '/stalls') response.writeHead(200, { 'content-length': 2500 }).write(bytes.slice(0, 1000))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const dir = mkdtempSync(join(tmpdir(), 'adjoint-'))
    try {
      const at = async (page: string, path: string): Promise<data.Remote> => ({
        ...(await remote([`http://127.0.0.1:${(server.address() as AddressInfo).port}/${page}`])),
        path,
      })
      for (const page of ['moved', 'from0', 'packed']) {
        writeFileSync(join(dir, `${page}.part`), bytes.slice(0, 900))
        const fetched = await data.download(await at(page, page), { directory: dir })()
        expect(fetched._tag === 'Right' ? new Uint8Array(fetched.right) : fetched.left.message).toEqual(bytes)
      }
      expect(leftOf(await data.download(await at('loop', 'loop'), { directory: dir })())._tag).toBe('Offline')
      expect(leftOf(await data.download(await at('stalls', 's'), { directory: dir, timeout: 200 })()).message).toMatch(
        /nothing came for 200 ms/,
      )
      const signal = AbortSignal.timeout(100)
      expect(leftOf(await data.download(await at('stalls', 's'), { directory: dir, signal })())._tag).toBe('Aborted')
      expect(readdirSync(dir).sort()).toEqual(['from0', 'moved', 'packed', 's.part'])
      expect(statSync(join(dir, 's.part')).size).toBe(1000)
    } finally {
      server.closeAllConnections()
      server.close()
      rmSync(dir, { recursive: true })
    }
  })

  it('with real files and a real server, ranges included', async () => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      const { range } = request.headers
      asked.push(range)
      const from = Number(/\d+/.exec(range ?? '')?.[0] ?? 0)
      response.writeHead(range === undefined ? 200 : 206, { 'content-length': bytes.length - from })
      response.end(bytes.slice(from))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const dir = mkdtempSync(join(tmpdir(), 'adjoint-'))
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.bin`
      const flat = { ...(await remote([address])), path: 'a.bin' }
      writeFileSync(join(dir, 'a.bin.part'), bytes.slice(0, 900))
      const fetched = await data.download(flat, { directory: dir })()
      expect(fetched._tag === 'Right' && new Uint8Array(fetched.right)).toEqual(bytes)
      expect([asked, readdirSync(dir)]).toEqual([['bytes=900-'], ['a.bin']])
      const deep = { ...flat, path: 'x/y/a.bin' }
      expect((await data.download(deep, { directory: dir })())._tag).toBe('Right')
      expect(new Uint8Array(readFileSync(join(dir, 'x/y/a.bin')))).toEqual(bytes)
    } finally {
      server.close()
      rmSync(dir, { recursive: true })
    }
    const nobody = { ...(await remote(['http://127.0.0.1:9/a.bin'])), path: 'none.bin' }
    expect(leftOf(await data.download(nobody, { directory: tmpdir() })())._tag).toBe('Offline')
  })
})
