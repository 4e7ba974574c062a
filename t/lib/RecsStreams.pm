package RecsStreams;

# Requests as streams of one HTTP/2 connection (RFC 9113, RFC 7541), all at
# once, each let on by `window` bytes at a time:
#
#     my @bodies = RecsStreams::get($port, 1000, '/a', '/b', ...);
#
# It reads no header but a status, of which it takes 200 alone.

use strict;
use warnings;

use IO::Socket::INET;

my %TYPE = (data => 0, headers => 1, reset => 3, settings => 4, goaway => 7,
            window => 8);
my ($END_STREAM, $ACK, $END_HEADERS) = (1, 1, 4);
my $STATUS_200 = "\x88";                # of HPACK's static table
my $INITIAL_WINDOW = 4;                 # a setting
my $WAIT = 30;                          # seconds, for any frame


sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    return pack('Cn CC N', length($payload) >> 16, length($payload) & 0xffff,
                $TYPE{$type}, $flags, $stream) . $payload;
}


# HPACK: literals that nobody is to index, shorter than 127 bytes each.
sub headers {
    my (@pairs) = @_;

    return join '', map { "\x10" . pack 'C/a* C/a*', @$_ } @pairs;
}


sub exactly {
    my ($socket, $n) = @_;

    my $bytes = '';

    while (length $bytes < $n) {
        sysread $socket, $bytes, $n - length $bytes, length $bytes
            or die "the connection ended: $!\n";
    }

    return $bytes;
}


# The next frame: type, flags, stream, payload.
sub next_frame {
    my ($socket) = @_;

    my ($high, $low, $type, $flags, $stream)
        = unpack 'Cn CC N', exactly($socket, 9);

    return ($type, $flags, $stream & 0x7fffffff,
            exactly($socket, $high << 16 | $low));
}


sub get {
    my ($port, $window, @paths) = @_;

    local $SIG{ALRM} = sub { die "no end within $WAIT s\n" };
    alarm $WAIT;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $port) or die "connect: $!";
    my @streams = map { 2 * $_ + 1 } 0 .. $#paths;
    my %path;
    @path{@streams} = @paths;

    syswrite $socket, join '', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        frame('settings', 0, 0, pack 'nN', $INITIAL_WINDOW, $window),
        frame('window', 0, 0, pack 'N', 1 << 30),
        map { frame('headers', $END_STREAM | $END_HEADERS, $_, headers(
                  [':method', 'GET'], [':scheme', 'http'],
                  [':authority', 'localhost'], [':path', $path{$_}])) }
        @streams;

    my %body = map { $_ => '' } @streams;
    my %open = map { $_ => 1 } @streams;

    while (%open) {
        my ($type, $flags, $stream, $payload) = next_frame($socket);
        my $end = $flags & $END_STREAM;

        if ($type == $TYPE{data}) {
            $body{$stream} .= $payload;
            syswrite $socket, frame('window', 0, $stream,
                                    pack 'N', length $payload)
                if length $payload && !$end;

        } elsif ($type == $TYPE{headers}) {
            die "$path{$stream}: no 200\n"
                if substr($payload, 0, 1) ne $STATUS_200;

        } elsif ($type == $TYPE{settings}) {
            syswrite $socket, frame('settings', $ACK, 0, '')
                unless $flags & $ACK;
            next;

        } elsif ($type == $TYPE{reset} || $type == $TYPE{goaway}) {
            die "nginx gives up, $type on stream $stream\n";

        } else {
            next;
        }

        delete $open{$stream} if $end;
    }

    alarm 0;

    return @body{@streams};
}


1;
