# language: de
Funktionalität: Deutsch
  Szenario: läuft
    Gegeben sei nothing
    Dann the feature "Deutsch" is open
