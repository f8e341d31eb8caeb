// A placeholder: no host for the module is decided. ".example" resolves nowhere (RFC 2606).
module cretula.example/cretula

go 1.24
