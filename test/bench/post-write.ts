import type { Pool } from 'undici';

/** Sends one compressed remote-write 1.0 request; rejects unless all of it was taken. */
export async function postWrite(client: Pool, body: Uint8Array): Promise<void> {
  const answer = await client.request({
    method: 'POST',
    path: '/api/v1/write',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 204) throw new Error(`POST /api/v1/write: ${answer.statusCode} ${text}`);
}
