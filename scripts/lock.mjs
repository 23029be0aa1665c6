/**
 * Completes package-lock.json after `npm install`: builds for other platforms that could not be fetched are left out of it by npm,
 * and `npm ci` then refuses the lock. Each gets its version and the platform that its name says; addresses are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8'))

const platform =
  /[-/](android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|aix)-(arm64|arm|x64|ia32|loong64|mips64el|ppc64|riscv64|s390x)(?:-(\w+))?$/
const libc = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

const entry = (name, version) => {
  const [, os, cpu, abi] = platform.exec(name) ?? []
  if (os === undefined) throw new Error(`${name}: no platform in the name`)
  return {
    version,
    cpu: [cpu],
    dev: true,
    ...(os === 'linux' && libc[abi] ? { libc: [libc[abi]] } : {}),
    license: 'MIT',
    optional: true,
    os: [os],
  }
}

/** True when a package that `path` asks for is in the lock: beside it, or in a folder above. */
const found = (path, name) => {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true
    if (at === '') return false
  }
}

let added = 0
for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages))
  for (const [name, version] of Object.entries(optionalDependencies))
    if (/^\d/.test(version) && !found(path, name)) {
      lock.packages[`node_modules/${name}`] = entry(name, version)
      added++
    }
for (const p of Object.values(lock.packages)) delete p.resolved

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`lock: ${added} builds for other platforms added`)
