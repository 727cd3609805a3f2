// The QR code on an image card opens the log-in with the card's code behind "#": it never reaches the server's log.
(() => {
  const code = new URLSearchParams(location.hash.slice(1)).get("card");
  const box = document.getElementById("card-code");
  if (!code || !box) return;
  box.value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("card-school_code").focus();
})();
