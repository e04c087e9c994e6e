// One automerge-repo device that worked offline: makes its documents, then sends them when told to.
import { acknowledged, connect, openRepo, toPeer } from "./automerge-repo-client.mjs"
import { answerParent } from "./lib.mjs"

// A device announces so many documents, and the next ones when the server has those. All at once, as the default is, makes
// every document of every device wait for all the others; one that waits for 60 s ends the server with an error of the engine's.
const ANNOUNCE_AT_ONCE = 25

const announced = new Set()
const repo = openRepo(process.argv[2], {
  announce: async (_peer, document) => announced.has(document),
  access: async () => true,
})
let handles = []

function makeDocument(record) {
  const [first, ...later] = record.saves
  const handle = repo.create(Object.fromEntries(first.fields.map(([field, value]) => [field, toPeer(value)])))
  for (const { at, fields } of later) {
    const write = document => {
      for (const [field, value] of fields) document[field] = toPeer(value)
    }
    handle.change(write, { time: Math.floor(at / 1000) })
  }
  return handle
}

answerParent({
  prepare: async records => {
    handles = records.map(makeDocument)
    await repo.flush()
    return { urls: handles.map(handle => handle.url) }
  },
  push: async port => {
    const serverId = await connect(repo, port)
    for (let from = 0; from < handles.length; from += ANNOUNCE_AT_ONCE) {
      const slice = handles.slice(from, from + ANNOUNCE_AT_ONCE)
      for (const { documentId } of slice) announced.add(documentId)
      repo.shareConfigChanged()
      await Promise.all(slice.map(handle => acknowledged(handle, serverId)))
    }
  },
})
