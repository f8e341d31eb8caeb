module cretula.example/languages

go 1.24.0

require (
	cretula.example/cretula v0.0.0
	github.com/go-jose/go-jose/v4 v4.1.9
	github.com/gorilla/securecookie v1.1.2
)

replace cretula.example/cretula => ../../../interop/go
