// The workload on automerge-repo: one Automerge document per record, one change per save.
// node automerge-repo.mjs WORKLOAD.json [--devices N] [--records N]
import { mkdirSync } from "node:fs"
import path from "node:path"
import { acknowledged, connect, openRepo, plainValues } from "./automerge-repo-client.mjs"
import { eachOf, run, startChild } from "./lib.mjs"

// How many documents the fresh device opens at a time: all at once floods both ends, one by one waits for each round trip.
const OPEN_AT_ONCE = 250

// Every device is a process of its own, as in life: the engine's memory is one heap per process, and a heap of
// some thousands of documents is far slower to grow.
async function prepare(devices, _server, folder) {
  const children = []
  const documents = []
  for (const [number, records] of devices.entries()) {
    const own = path.join(folder, `device-${number}`)
    mkdirSync(own)
    const child = startChild(new URL("./automerge-repo-device.mjs", import.meta.url), own)
    const { urls } = await child.ask("prepare", records)
    records.forEach((record, index) => documents.push({ record: record.document, url: urls[index] }))
    children.push(child)
  }
  return { children, documents }
}

async function push({ children, documents }, server) {
  await Promise.all(children.map(child => child.ask("push", server.port)))
  const stored = await server.ask("flush")
  if (stored.documents !== documents.length) throw new Error(`the server has ${stored.documents} of ${documents.length} documents`)
}

async function endDevices({ children }) {
  await Promise.all(children.map(child => child.stop()))
}

// A device that knows nothing but the addresses of the documents, because the peer has no listing.
function fresh({ documents }, _server, folder, port) {
  const bodies = { toServer: 0, toDevice: 0 }
  const contents = new Map()
  let repo
  const fetchAll = async () => {
    contents.clear()
    repo = openRepo(folder)
    const serverId = await connect(repo, port, bodies)
    await eachOf(documents, OPEN_AT_ONCE, async ({ record, url }) => {
      const handle = await repo.find(url)
      await acknowledged(handle, serverId)
      contents.set(record, plainValues(handle.doc()))
      await repo.flush([handle.documentId])
      // Stored and read once, as a device does that cannot hold thousands of documents in memory.
      await repo.removeFromCache(handle.documentId)
    })
  }
  return { pull: fetchAll, startAgain: fetchAll, bodies: () => bodies, contents: () => contents, stop: () => repo.shutdown() }
}

await run({ server: new URL("./automerge-repo-server.mjs", import.meta.url), prepare, push, endDevices, fresh })
