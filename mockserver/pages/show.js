const told = (id) => JSON.parse(document.getElementById(id).textContent);
const { keys, tokens, client } = told("credentials");
const ui = SwaggerUIBundle({
  spec: told("document"),
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Held open, the fields are filled from schemas instead of examples: with the longest time, the largest file.
  tryItOutEnabled: false,
  validatorUrl: null,
  onComplete: () => {
    for (const [name, key] of Object.entries(keys)) ui.preauthorizeApiKey(name, key);
    for (const [name, token] of Object.entries(tokens)) {
      const auth = { name, schema: { type: "oauth2", flow: "application" }, scopes: [], ...client };
      ui.authActions.authorizeOauth2({ auth, token: { access_token: token, token_type: "Bearer" } });
    }
  },
});
ui.initOAuth(client);
