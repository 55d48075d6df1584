/** A ceiling: the least that a server can do between HTTP and PostgreSQL, one prepared statement and no FHIR. */
import { createServer } from 'node:http';
import pg from 'pg';

const [, , databaseUrl, port] = process.argv;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 12 });

createServer((request, response) => {
  const id = request.url?.split('/').pop() ?? '';
  const query = { name: 'read', text: 'select content from fhir."Observation" where id = $1', values: [id] };
  pool.query<{ content: string }>(query).then(
    ({ rows: [row] }) => {
      response.statusCode = row || id === 'readyz' ? 200 : 404;
      response.setHeader('Content-Type', 'application/fhir+json');
      response.end(row?.content);
    },
    () => {
      response.statusCode = 500;
      response.end();
    },
  );
}).listen(Number(port), '127.0.0.1');
