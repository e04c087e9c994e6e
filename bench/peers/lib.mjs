// What both programs share: reading the workload, the server child, counting bytes, time limits, the order of phases.
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import net from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

export const HOST = "127.0.0.1"
export const DATABASE = "records"
const PHASE_LIMIT_MS = 15 * 60 * 1000
const STOP_LIMIT_MS = 3000
const QUIET_MS = 500

export const log = text => process.stderr.write(`${text}\n`)

const seconds = since => Number(((performance.now() - since) / 1000).toFixed(3))

// The field values a record must have after all its saves.
export function lastValues(record) {
  return Object.fromEntries(record.saves.flatMap(save => save.fields))
}

function readCount(name, text) {
  if (text === undefined) return undefined
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} needs a whole number above zero, not "${text}"`)
  return Number(text)
}

export function readWorkload(argv) {
  const options = { devices: { type: "string" }, records: { type: "string" } }
  const { positionals, values } = parseArgs({ args: argv, allowPositionals: true, options })
  if (positionals.length !== 1) throw new Error("give one workload file: WORKLOAD.json [--devices N] [--records N]")
  const { devices } = JSON.parse(readFileSync(positionals[0], "utf8"))
  if (!Array.isArray(devices)) throw new Error(`${positionals[0]} has no list of devices`)
  const records = readCount("records", values.records)
  const taken = devices.slice(0, readCount("devices", values.devices)).map(device => device.slice(0, records))
  if (taken.flat().length === 0) throw new Error(`${positionals[0]} has no records`)
  return taken
}

// Runs `work` on every item, at most `width` at a time.
export async function eachOf(items, width, work) {
  const rest = items.entries()
  const worker = async () => {
    for (const [index, item] of rest) await work(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
}

const children = new Set()

// Starts one of our programs as a child process; its standard output goes to our standard error.
export function startChild(url, folder) {
  const child = fork(fileURLToPath(url), [folder], { cwd: folder, stdio: ["ignore", 2, 2, "ipc"] })
  const name = path.basename(fileURLToPath(url))
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`${name} ended before it was told to (${signal ?? code})`)
  })
  children.add(child)
  // Without this the rejection of a child that we stop ourselves would end the program.
  ended.catch(() => {})
  const ask = async (question, data) => {
    child.send({ question, data })
    const [answer] = await Promise.race([once(child, "message"), ended])
    if (answer.error) throw new Error(`${name} could not do "${question}": ${answer.error}`)
    return answer
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    // A child ends by itself when its parent lets go of it.
    if (child.connected) child.disconnect()
    await Promise.race([gone, sleep(STOP_LIMIT_MS, undefined, { ref: false })])
    child.kill("SIGKILL")
  }
  return { ended, ask, stop }
}

// The child's side of `ask`. It ends with its parent, however that one ended.
export function answerParent(answers) {
  process.on("message", async ({ question, data }) => {
    try {
      process.send((await answers[question](data)) ?? {})
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) })
    }
  })
  process.on("disconnect", () => process.exit(0))
}

// A TCP relay in front of the server that counts what travels in each direction.
export async function countingProxy(serverPort) {
  const bytes = { toServer: 0, toDevice: 0 }
  const relay = net.createServer(device => {
    const server = net.connect(serverPort, HOST)
    device.on("data", data => (bytes.toServer += data.length))
    server.on("data", data => (bytes.toDevice += data.length))
    device.pipe(server)
    server.pipe(device)
    // One side going away ends the other; that is no failure of the relay.
    device.on("error", () => server.destroy())
    server.on("error", () => device.destroy())
  })
  relay.listen(0, HOST)
  await once(relay, "listening")
  return { port: relay.address().port, bytes }
}

// Waits until nothing has travelled for a while, so that late answers are counted too.
async function untilQuiet(bytes) {
  const total = () => bytes.toServer + bytes.toDevice
  for (let before = -1; before !== total(); await sleep(QUIET_MS)) before = total()
}

class PhaseLimit extends Error {}

// The value of `work`, or null when it has not ended within the limit.
async function phase(name, server, work) {
  const started = performance.now()
  const limit = new AbortController()
  const late = sleep(PHASE_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
    throw new PhaseLimit()
  })
  try {
    const value = await Promise.race([work(), late, server.ended])
    log(`${name}: ${seconds(started)} s`)
    return value
  } catch (error) {
    if (!(error instanceof PhaseLimit)) throw error
    log(`${name}: did not end within ${PHASE_LIMIT_MS / 60000} minutes, its value is null`)
    return null
  } finally {
    limit.abort()
    late.catch(() => {})
  }
}

async function timed(work) {
  const started = performance.now()
  await work()
  return seconds(started)
}

// What travelled while `work` ran and until it was quiet again, as seen by the relay and as bodies alone.
async function counted(proxy, fresh, work) {
  const [wire, bodies] = [{ ...proxy.bytes }, { ...(await fresh.bodies()) }]
  const value = await work()
  await untilQuiet(proxy.bytes)
  const after = await fresh.bodies()
  const since = (end, start) => ({ toServer: end.toServer - start.toServer, toDevice: end.toDevice - start.toDevice })
  return { value, wire: since(proxy.bytes, wire), bodies: since(after, bodies) }
}

function checkAll(records, found) {
  const wrong = records.filter(record => {
    const values = found.get(record.document)
    const wanted = Object.entries(lastValues(record))
    return !values || Object.keys(values).length !== wanted.length || wanted.some(([key, value]) => values[key] !== value)
  })
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} of ${records.length} records are lost or not at their last values, first: ${wrong[0].document}`)
  }
}

async function measure(engine, devices, server, folder) {
  const records = devices.flat()
  const result = { push_s: null, push_changes: null, pull_s: null, pull_bytes: null, idle_bytes: null, records: null }
  Object.assign(result, { pull_body_bytes: null, idle_body_bytes: null })
  const prepared = await phase("prepare", server, () => engine.prepare(devices, server, folder))
  if (prepared === null) return result
  result.push_s = await phase("push", server, () => timed(() => engine.push(prepared, server)))
  if (result.push_s === null) return result
  result.push_changes = records.reduce((sum, record) => sum + record.saves.length, 0)
  await engine.endDevices(prepared)

  const proxy = await countingProxy(server.port)
  const fresh = engine.fresh(prepared, server, path.join(folder, "fresh"), proxy.port)
  const pull = await phase("pull", server, () => counted(proxy, fresh, () => timed(() => fresh.pull())))
  if (pull === null) return result
  checkAll(records, await fresh.contents())
  Object.assign(result, { pull_s: pull.value, pull_bytes: pull.wire.toDevice, pull_body_bytes: pull.bodies.toDevice })
  result.records = records.length
  await fresh.stop()

  const idle = await phase("idle", server, () => counted(proxy, fresh, () => fresh.startAgain()))
  if (idle === null) return result
  checkAll(records, await fresh.contents())
  const both = ({ toServer, toDevice }) => toServer + toDevice
  return Object.assign(result, { idle_bytes: both(idle.wire), idle_body_bytes: both(idle.bodies) })
}

// Runs all phases of one engine, prints the figures as the last line and ends the process.
export async function run(engine) {
  let folder
  const cleanUp = () => {
    for (const child of children) child.kill("SIGKILL")
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      cleanUp()
      process.exit(1)
    })
  }
  // An error in a peer's own callback reaches nobody else.
  process.once("uncaughtException", error => {
    log(`failed: ${error.stack ?? error}`)
    cleanUp()
    process.exit(1)
  })
  let code = 0
  try {
    const devices = readWorkload(process.argv.slice(2))
    folder = mkdtempSync(path.join(tmpdir(), "donghanh-peer-"))
    const server = startChild(engine.server, folder)
    Object.assign(server, await server.ask("port"))
    const result = await measure(engine, devices, server, folder)
    await server.stop()
    await new Promise(written => process.stdout.write(`${JSON.stringify(result)}\n`, written))
  } catch (error) {
    log(`failed: ${error.stack ?? error}`)
    code = 1
  }
  cleanUp()
  // A peer's reconnect timers would keep the process alive.
  process.exit(code)
}
