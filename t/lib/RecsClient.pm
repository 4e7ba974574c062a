package RecsClient;

# Requests over HTTP/1 to $self->port, a class's own.  A response is
# { status, headers => { lower-case => value }, body, head, raw }; a repeated
# header's values are joined by "\n".

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP ();

my $WAIT = 30;                          # seconds, for any answer


sub socket {
    my ($self, $port) = @_;

    return IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port // $self->port,
        Timeout  => $WAIT) // die "connect: $!";
}


# Sends bytes, reads to the end of the connection: all bytes that came.
sub raw {
    my ($self, $bytes, %options) = @_;

    my $socket = $self->socket($options{port});
    my $answer = '';
    my $select = IO::Select->new($socket);

    $socket->syswrite($bytes);

    while (1) {
        $select->can_read($WAIT) or die "no answer within $WAIT s\n";
        last unless $socket->sysread($answer, 65536, length $answer);
    }

    return $answer;
}


# request('GET', '/x', Cookie => 'a=b', ...); a key that begins with a colon
# is an option: ':port', ':version' (1.1), ':body'.
sub request {
    my ($self, $method, $uri, @headers) = @_;

    my (%options, $lines);
    $lines = '';

    while (my ($name, $value) = splice @headers, 0, 2) {
        if ($name =~ /^:(.*)/) {
            $options{$1} = $value;
        } else {
            $lines .= "$name: $value\r\n";
        }
    }

    my $version = $options{version} // '1.1';
    my $body = $options{body} // '';

    $lines .= 'Content-Length: ' . length($body) . "\r\n" if length $body;

    return $self->parse($self->raw(
        "$method $uri HTTP/$version\r\nHost: localhost\r\n"
        . "Connection: close\r\n$lines\r\n$body", %options));
}


sub get  { my $self = shift; return $self->request('GET', @_) }
sub head { my $self = shift; return $self->request('HEAD', @_) }
sub post { my $self = shift; return $self->request('POST', @_) }


# The same, with the body decoded from JSON as `json`.
sub json {
    my ($self, @arguments) = @_;

    my $response = $self->get(@arguments);
    $response->{json} = eval { JSON::PP::decode_json($response->{body}) };

    return $response;
}


sub parse {
    my ($self, $raw) = @_;

    my ($head, $body) = $raw =~ /^(.*?)\r\n\r\n(.*)$/s
        or return { status => 0, headers => {}, body => '', head => '',
                    raw => $raw };

    my ($status) = $head =~ m{^HTTP/1\.\d (\d+)};
    my %headers;

    for my $line (split /\r\n/, $head) {
        next unless $line =~ /^([^:\s]+):\s*(.*)$/;
        my $name = lc $1;
        $headers{$name} = exists $headers{$name} ? "$headers{$name}\n$2" : $2;
    }

    if (($headers{'transfer-encoding'} // '') eq 'chunked') {
        my ($decoded, $whole) = ('', 0);

        while ($body =~ s/^([0-9a-f]+)\r\n//i) {
            my $n = hex $1;

            if ($n == 0) {
                $whole = 1;
                last;
            }

            $decoded .= substr $body, 0, $n, '';
            $body =~ s/^\r\n//;
        }

        return { status => $status, headers => \%headers, body => $decoded,
                 head => $head, raw => $raw, truncated => !$whole };
    }

    my $length = $headers{'content-length'};

    return { status => $status, headers => \%headers, body => $body,
             head => $head, raw => $raw,
             truncated => defined $length && $length != length $body
                          && length $body ? 1 : 0 };
}


1;
