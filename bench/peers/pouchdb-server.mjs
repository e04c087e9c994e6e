// The CouchDB-protocol server: express-pouchdb on leveldb files, with the parts that replication needs.
import express from "express"
import expressPouchDB from "express-pouchdb"
import PouchDB from "pouchdb"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import path from "node:path"
import { DATABASE, HOST, answerParent } from "./lib.mjs"

// Sum of the bodies as they travel: requests by their stated length, answers as written after compression.
const bodies = { toServer: 0, toDevice: 0 }

function countBodies(request, response, next) {
  bodies.toServer += Number(request.headers["content-length"] ?? 0)
  for (const method of ["write", "end"]) {
    const original = response[method]
    response[method] = function counted(chunk, ...rest) {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) bodies.toDevice += Buffer.byteLength(chunk)
      return original.call(this, chunk, ...rest)
    }
  }
  next()
}

const folder = path.join(process.argv[2], "server")
mkdirSync(folder)
const ServerPouch = PouchDB.defaults({ prefix: folder + path.sep })
const app = express()
app.use(countBodies)
app.use(expressPouchDB(ServerPouch, { mode: "minimumForPouchDB" }))
// Creating it here keeps twenty devices from racing to create it.
const database = new ServerPouch(DATABASE)
await database.info()
const listener = app.listen(0, HOST)
await once(listener, "listening")

answerParent({
  port: () => ({ port: listener.address().port }),
  bodies: () => ({ ...bodies }),
  documents: async () => ({ documents: (await database.info()).doc_count }),
})
