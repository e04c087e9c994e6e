// The workload on PouchDB over the CouchDB protocol: one document per record, one revision per save.
// node pouchdb.mjs WORKLOAD.json [--devices N] [--records N]
import http from "node:http"
import { mkdirSync } from "node:fs"
import path from "node:path"
import PouchDB from "pouchdb"
import { DATABASE, HOST, eachOf, run } from "./lib.mjs"

// Larger than the default of 100: fewer round trips, each still a body of well under a megabyte.
const BATCH = 500
const WRITES_AT_ONCE = 50

// The library opens a connection for every request unless it is given an agent; a browser keeps them.
const agent = new http.Agent({ keepAlive: true })
const fetchKept = (url, options) => PouchDB.fetch(url, { ...options, agent })

const remote = port => new PouchDB(`http://${HOST}:${port}/${DATABASE}`, { skip_setup: true, fetch: fetchKept })

function openStore(folder) {
  mkdirSync(folder, { recursive: true })
  return new PouchDB(path.join(folder, DATABASE), { adapter: "leveldb" })
}

async function writeRecord(store, record) {
  let document = { _id: record.document }
  for (const { fields } of record.saves) {
    document = { ...document, ...Object.fromEntries(fields) }
    const { rev } = await store.put(document)
    document._rev = rev
  }
}

async function prepare(devices, _server, folder) {
  const stores = []
  for (const [number, records] of devices.entries()) {
    const store = openStore(path.join(folder, `device-${number}`))
    await eachOf(records, WRITES_AT_ONCE, record => writeRecord(store, record))
    stores.push({ store, count: records.length })
  }
  return stores
}

async function replicate(name, replication) {
  const result = await replication
  if (!result.ok || result.doc_write_failures > 0 || result.errors.length > 0) {
    throw new Error(`${name} left ${result.doc_write_failures} documents unwritten: ${JSON.stringify(result.errors)}`)
  }
  return result
}

async function push(stores, server) {
  await Promise.all(
    stores.map(async ({ store, count }) => {
      const { docs_written } = await replicate("push", store.replicate.to(remote(server.port), { batch_size: BATCH }))
      if (docs_written !== count) throw new Error(`a device sent ${docs_written} of its ${count} documents`)
    }),
  )
  const wanted = stores.reduce((sum, { count }) => sum + count, 0)
  const { documents } = await server.ask("documents")
  if (documents !== wanted) throw new Error(`the server has ${documents} of ${wanted} documents`)
}

async function endDevices(stores) {
  await Promise.all(stores.map(({ store }) => store.close()))
}

function withoutOwnFields(document) {
  return Object.fromEntries(Object.entries(document).filter(([field]) => !field.startsWith("_")))
}

function fresh(_stores, server, folder, port) {
  let store
  const fetchNew = async () => {
    store = openStore(folder)
    return replicate("pull", store.replicate.from(remote(port), { batch_size: BATCH }))
  }
  return {
    pull: fetchNew,
    startAgain: async () => {
      const { docs_read } = await fetchNew()
      if (docs_read !== 0) throw new Error(`the device read ${docs_read} documents again`)
    },
    bodies: () => server.ask("bodies"),
    contents: async () => {
      const { rows } = await store.allDocs({ include_docs: true })
      return new Map(rows.map(({ id, doc }) => [id, withoutOwnFields(doc)]))
    },
    stop: () => store.close(),
  }
}

await run({ server: new URL("./pouchdb-server.mjs", import.meta.url), prepare, push, endDevices, fresh })
