// Before anything is drawn: the light or dark that was chosen on this device; else the system's.
{
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
}
