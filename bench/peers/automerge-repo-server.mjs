// The automerge-repo server: a Repo on a folder, behind a WebSocket, as the project's own sync server sets it up.
import { once } from "node:events"
import { Repo } from "@automerge/automerge-repo"
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket"
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs"
import path from "node:path"
import { WebSocketServer } from "ws"
import { HOST, answerParent } from "./lib.mjs"

// The default of 5 s hangs up on devices that are busy for that long, which these are: they share two cores.
const KEEP_ALIVE_MS = 60_000

const sockets = new WebSocketServer({ host: HOST, port: 0 })
await once(sockets, "listening")
const repo = new Repo({
  network: [new WebSocketServerAdapter(sockets, KEEP_ALIVE_MS)],
  storage: new NodeFSStorageAdapter(path.join(process.argv[2], "server")),
  // A server answers for what a device asks about; it does not announce every document to every device.
  sharePolicy: async () => false,
})

answerParent({
  port: () => ({ port: sockets.address().port }),
  flush: async () => {
    await repo.flush()
    return { documents: Object.values(repo.handles).filter(handle => handle.isReady()).length }
  },
})
