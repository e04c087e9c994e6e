// What every automerge-repo device needs: values, a Repo on a folder, a connection, the server's acknowledgement.
import { once } from "node:events"
import { ImmutableString, Repo } from "@automerge/automerge-repo"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs"
import { HOST } from "./lib.mjs"

// A plain string would become a collaborative text with an operation for every letter; these fields are written whole.
export const toPeer = value => (typeof value === "string" ? new ImmutableString(value) : value)
const fromPeer = value => (value instanceof ImmutableString ? value.toString() : value)

export function plainValues(document) {
  return Object.fromEntries(Object.entries(document).map(([field, value]) => [field, fromPeer(value)]))
}

// The usual client adapter, counting the payloads of its WebSocket messages.
class CountingAdapter extends WebSocketClientAdapter {
  constructor(url, bodies) {
    super(url)
    this.bodies = bodies
  }

  connect(peerId, peerMetadata) {
    super.connect(peerId, peerMetadata)
    const { socket } = this
    const send = socket.send.bind(socket)
    socket.send = data => {
      this.bodies.toServer += data.byteLength
      send(data)
    }
  }

  receiveMessage(message) {
    this.bodies.toDevice += message.byteLength
    super.receiveMessage(message)
  }
}

export const openRepo = (folder, shareConfig) => new Repo({ storage: new NodeFSStorageAdapter(folder), shareConfig })

// Connects and gives the server's storage id, under which handles keep what the server has said to have.
export async function connect(repo, port, bodies = { toServer: 0, toDevice: 0 }) {
  const met = once(repo.networkSubsystem, "peer")
  repo.networkSubsystem.addNetworkAdapter(new CountingAdapter(`ws://${HOST}:${port}`, bodies))
  const [{ peerMetadata }] = await met
  return peerMetadata.storageId
}

// Ends when the server's heads of this document are ours.
export function acknowledged(handle, serverId) {
  return new Promise(resolve => {
    const check = () => {
      const theirs = handle.getSyncInfo(serverId)?.lastHeads
      const ours = handle.heads()
      if (!theirs || theirs.length !== ours.length || !ours.every(head => theirs.includes(head))) return
      handle.off("remote-heads", check)
      handle.off("heads-changed", check)
      resolve()
    }
    handle.on("remote-heads", check)
    handle.on("heads-changed", check)
    check()
  })
}
