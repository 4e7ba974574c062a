package RecsPorts;

# Free ports of 127.0.0.1, held to the end of the test by sockets that are
# bound and do not listen: nginx, with SO_REUSEADDR, may listen there, and
# nobody who asks for any free port is given it.

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_REUSEADDR);

our @EXPORT_OK = qw(free_port free_ports);

my @held;


# A port's socket; undef where it is taken.
sub hold {
    my ($port) = @_;

    my $socket = IO::Socket::INET->new(
        Proto => 'tcp', LocalAddr => '127.0.0.1', LocalPort => $port)
        or return;
    $socket->setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) or die "port: $!";

    return $socket;
}


sub free_port {
    push @held, hold(0) // die "no free port: $!\n";

    return $held[-1]->sockport;
}


# The first of two that are side by side.
sub free_ports {
    for (1 .. 100) {
        my $socket = hold(0) // last;
        my $port = $socket->sockport;
        my $next = $port < 65535 ? hold($port + 1) : undef;

        next unless $next;
        push @held, $socket, $next;
        return $port;
    }

    die "no two free ports\n";
}


1;
