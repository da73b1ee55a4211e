/** Where the API requires a token: the address stays, and is shown afterwards. */
import { useState } from 'preact/hooks';
import { keepToken } from '../lib/api.ts';
import { Notice } from '../parts/blocks.tsx';
import { Page } from '../parts/page.tsx';

export function SignIn({ message, done }: { message: string; done: () => void }) {
  const [token, setToken] = useState('');
  return (
    <Page title="Authentication required">
      {message !== '' && <Notice kind="failed">{message}</Notice>}
      <form
        class="card"
        id="login"
        onSubmit={(event) => {
          event.preventDefault();
          keepToken(token.trim());
          done();
        }}
      >
        <div class="fields">
          <label>
            <span class="label">Bearer token</span>
            <input
              type="password"
              name="token"
              required
              autocomplete="off"
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
            <span class="help">Enter a bearer token. The browser keeps it until this tab is closed.</span>
          </label>
          <span>
            <button type="submit" class="button main">
              Sign in
            </button>
          </span>
        </div>
      </form>
    </Page>
  );
}
