/** A page in headless Chromium, and what it says. CHROMIUM names the executable. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'

const limit = 120_000
const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json' }
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']

/** Opens `url` until `answer` resolves; `null` when there is no Chromium. */
const browse = (url, answer) =>
  new Promise((resolve) => {
    const profile = mkdtempSync(join(tmpdir(), 'adjoint-profile-'))
    const browser = spawn(process.env.CHROMIUM ?? 'chromium', [...flags, `--user-data-dir=${profile}`, url], { stdio: 'ignore' })
    const end = (text) => {
      clearTimeout(timer)
      browser.kill()
      setTimeout(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }), 300).unref()
      resolve(text)
    }
    const timer = setTimeout(() => end('no answer'), limit)
    browser.on('error', () => end(null))
    answer.then(end)
  })

/** Receives what a page says: `fetch(said.url, { method: 'POST', body, mode: 'no-cors' })`. */
export const listen = async () => {
  let hear
  const answer = new Promise((resolve) => (hear = resolve))
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (d) => (body += d))
    request.on('end', () => {
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }).end()
      if (request.method === 'POST') hear(body)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, answer, close: () => server.close() }
}

/** What the page at `url` says to `said`. */
export const said = (url, { answer }) => browse(url, answer)

/** A server of a folder; `headers` are sent with everything. */
export const serve = async (folder, headers = {}) => {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname)
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404, headers).end()
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...headers }).end(readFileSync(file))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}
