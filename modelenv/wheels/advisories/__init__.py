"""Known vulnerabilities of distribution versions, from files in the OSV format."""
